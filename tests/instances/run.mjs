// node run.mjs TESTEE SHOP MUTANTS [standard|openai-strict]
// Schema and codec say the same, by a real validator of JSON Schema 2020-12: arguments made for the messages of the
// shop and of random files are accepted by both, MUTANTS of them refused by both, and whatever bytes a server sends
// become a result that the output schema describes. The same of methods that stream. In the portable profile, or
// another one. In the strict form arguments must also become the same bytes as in the ordinary one, or be refused like
// there.
import {createFileRegistry, fromBinary} from '@bufbuild/protobuf';
import {FileDescriptorSetSchema} from '@bufbuild/protobuf/wkt';
import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';
import {readFileSync} from 'node:fs';

import {randomDescriptors} from '../differential/descriptors.mjs';
import {Random} from '../differential/random.mjs';
import {Testee} from '../differential/testee.mjs';
import {WireMaker} from '../differential/wire.mjs';

import {InstanceMaker} from './instance.mjs';
import {checkStreams} from './streams.mjs';
import {StrictForm} from './strict.mjs';

const MUTANTS_A_MESSAGE = 20;
const ROUNDS_OF_SHOP = 2;
const SHOWN = 20;

// A message type with its schemas compiled.
class Subject {
  constructor(desc, schemas, registry, strict) {
    this.desc = desc;
    this.strict = strict;
    this.registry = registry;
    this.inputSchema = schemas[0];
    const ajv = addFormats.default(new Ajv.default({strict: false, validateFormats: true}));
    [this.isInput, this.isOutput] = schemas.map((schema) => ajv.compile(schema));
    this.behavior = registry.getExtension('google.api.field_behavior');
  }

  static async make(testee, desc, registry, profile) {
    const schemas = await Promise.all(['i', 'o'].map((letter) => testee.demand(letter, desc.typeName, profile)));
    return new Subject(desc, schemas.map((bytes) => JSON.parse(bytes)), registry, profile === 'openai-strict');
  }

  // An open object stands where a message is not described any more: one that holds itself, or what is over the budget.
  isOpenAbove(path) {
    let node = this.inputSchema;
    for (const key of [...path, undefined]) {
      if (node.$ref) node = this.inputSchema.$defs[node.$ref.split('/').at(-1)];
      if (node.type === 'object' && !node.properties && !node.additionalProperties) return true;
      if (key === undefined) return false;
      node = node.properties?.[key] ?? node.additionalProperties ?? node.items ?? {};
    }
  }
}

class Report {
  counts = {};
  failures = 0;

  count(name) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  fail(subject, what, detail) {
    if (++this.failures <= SHOWN)
      console.log(`${subject.desc.typeName}: ${what}\n  ${JSON.stringify(detail)}\n  schema ${
          JSON.stringify(subject.inputSchema)}`);
  }
}

// What the schema and the codec say of an instance: {instance, schemaAccepts, ok, bytes, isOpen}, where isOpen tells
// whether the schema says nothing of what is at a path.
async function judge(testee, subject, plain, form, report) {
  const name = subject.desc.typeName;
  const answer = await testee.ask('a', name, JSON.stringify(plain));
  if (form === undefined)
    return {
      instance: plain,
      schemaAccepts: subject.isInput(plain),
      isOpen: (path) => subject.isOpenAbove(path),
      ...answer
    };
  const instance = form.arguments(subject.desc, plain);
  const inForm = await testee.ask('t', name, JSON.stringify(instance));
  const same = inForm.ok ? answer.ok && answer.bytes.equals(inForm.bytes) : !answer.ok || form.fault !== undefined;
  if (!same)
    report.fail(
        subject, 'not the same in the strict form',
        {plain, instance, answers: [answer, inForm].map(({ok, bytes}) => bytes.toString(ok ? 'hex' : 'utf8'))});
  return {instance, schemaAccepts: subject.isInput(instance), isOpen: (path) => form.isInText(path), ...inForm};
}

async function checkValid(testee, subject, maker, form, report) {
  const plain = maker.make(subject.desc);
  const {instance, schemaAccepts, ok, bytes} = await judge(testee, subject, plain, form, report);
  report.count('valid arguments');
  if (!schemaAccepts)
    report.fail(subject, 'the schema refuses valid arguments', {instance, errors: subject.isInput.errors});
  if (!ok) report.fail(subject, `the codec refuses valid arguments: ${bytes}`, instance);
}

async function checkMutant(testee, subject, maker, form, report) {
  const plain = maker.make(subject.desc);
  const {instance, schemaAccepts, ok, bytes, isOpen} = await judge(testee, subject, plain, form, report);
  const fault = maker.fault ?? form?.fault;
  if (fault === undefined) return;  // nothing can be wrong at that place
  if (!ok && !schemaAccepts) return report.count('mutants that both refuse');
  const outcome = ok ? schemaAccepts ? 'both accept' : 'only the codec accepts' : 'only the schema accepts';
  // The other profiles say some of what the portable one leaves out.
  const agreed = outcome === 'both accept' && maker.fault?.expected === 'only the codec accepts';
  if (outcome === fault.expected || agreed) return report.count(`${outcome}: ${fault.reason}`);
  const codecAgrees = ok === (fault.expected === 'only the codec accepts');
  if (codecAgrees && schemaAccepts && isOpen(fault.path))
    return report.count(`${outcome}: ${form ? 'in JSON text' : 'below an open object'}`);
  report.fail(
      subject, `${outcome}, but ${fault.expected} was expected at ${fault.path.join('.')}`,
      {fault, instance, answer: String(bytes)});
}

// Arguments of a type, and the mutants of them and of their form.
async function checkInput(testee, subject, seed, report) {
  const makers = (target) => new InstanceMaker(new Random(seed), subject.behavior, target);
  const forms = (target) =>
      subject.strict ? new StrictForm(subject.inputSchema, new Random(seed + target), target) : undefined;
  const random = new Random(seed);
  const some = (places) => random.shuffle(Array.from({length: places}, (_, i) => i)).slice(0, MUTANTS_A_MESSAGE);
  const maker = makers(), form = forms();
  await checkValid(testee, subject, maker, form, report);
  for (const target of some(maker.places)) await checkMutant(testee, subject, makers(target), forms(), report);
  for (const target of some(form?.places ?? 0)) await checkMutant(testee, subject, makers(), forms(target), report);
}

async function checkOutput(testee, subject, seed, report) {
  const wire = new WireMaker(new Random(seed), subject.registry, []).message(subject.desc);
  const {ok, bytes} = await testee.ask('s', subject.desc.typeName, wire);
  if (!ok) return report.count('encodings that have no JSON form');
  report.count('results');
  if (!subject.isOutput(JSON.parse(bytes)))
    report.fail(
        subject, 'the output schema refuses a result', {result: String(bytes), errors: subject.isOutput.errors});
}

async function* subjects(testee, shop, profile) {
  const bytes = readFileSync(shop);
  await testee.demand('D', '', bytes);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const methods = [...registry].filter((type) => type.kind === 'service').flatMap((service) => service.methods);
  const ofShop = new Set(methods.flatMap(({input, output}) => [input, output]));
  for (let round = 0; round < ROUNDS_OF_SHOP; ++round) {
    for (const desc of ofShop) yield Subject.make(testee, desc, registry, profile);
  }
  for (let seed = 1;; ++seed) {
    const set = randomDescriptors(seed, {extensions: false});
    await testee.demand('D', '', set.bytes);
    const wellKnown =
        [...set.registry].filter((type) => type.kind === 'message' && type.file.name.startsWith('google/protobuf/'));
    for (const desc of [...set.messages, wellKnown[seed % wellKnown.length]])
      yield Subject.make(testee, desc, set.registry, profile);
  }
}

async function main([program, shop, mutants, profile]) {
  const testee = new Testee(program);
  const report = new Report();
  let seed = 0;
  for await (const subject of subjects(testee, shop, profile)) {
    await checkInput(testee, subject, ++seed, report);
    await checkStreams(testee, subject, profile, seed, report);
    for (let i = 0; i < 5; ++i) await checkOutput(testee, subject, seed + i, report);
    if (report.counts['mutants that both refuse'] >= Number(mutants)) break;
  }
  testee.end();
  for (const [name, count] of Object.entries(report.counts)) console.log(`${count} ${name}`);
  console.log(`${report.failures} disagreements`);
  process.exit(report.failures > 0 ? 1 : 0);
}

await main(process.argv.slice(2));
