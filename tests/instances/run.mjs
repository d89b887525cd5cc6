// node run.mjs TESTEE SHOP MUTANTS [standard]
// Schema and codec say the same, by a real validator of JSON Schema 2020-12: arguments made for the messages of the
// shop and of random files are accepted by both, MUTANTS of them refused by both, and whatever bytes a server sends
// become a result that the output schema describes. In the portable profile, or the standard one.
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

const MUTANTS_A_MESSAGE = 20;
const ROUNDS_OF_SHOP = 2;
const SHOWN = 20;

// A message type with its schemas compiled.
class Subject {
  constructor(desc, schemas, registry) {
    this.desc = desc;
    this.registry = registry;
    this.inputSchema = schemas[0];
    const ajv = addFormats.default(new Ajv.default({strict: false, validateFormats: true}));
    [this.isInput, this.isOutput] = schemas.map((schema) => ajv.compile(schema));
    this.behavior = registry.getExtension('google.api.field_behavior');
  }

  static async make(testee, desc, registry, profile) {
    const schemas = await Promise.all(['i', 'o'].map((letter) => testee.demand(letter, desc.typeName, profile)));
    return new Subject(desc, schemas.map((bytes) => JSON.parse(bytes)), registry);
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

async function checkValid(testee, subject, seed, report) {
  const maker = new InstanceMaker(new Random(seed), subject.behavior);
  const instance = maker.make(subject.desc);
  report.count('valid arguments');
  if (!subject.isInput(instance))
    report.fail(subject, 'the schema refuses valid arguments', {instance, errors: subject.isInput.errors});
  const {ok, bytes} = await testee.ask('a', subject.desc.typeName, JSON.stringify(instance));
  if (!ok) report.fail(subject, `the codec refuses valid arguments: ${bytes}`, instance);
  return maker.places;
}

async function checkMutant(testee, subject, seed, target, report) {
  const maker = new InstanceMaker(new Random(seed), subject.behavior, target);
  const instance = maker.make(subject.desc);
  const {fault} = maker;
  if (fault === undefined) return;  // nothing can be wrong at that place
  const {ok, bytes} = await testee.ask('a', subject.desc.typeName, JSON.stringify(instance));
  const schemaAccepts = subject.isInput(instance);
  if (!ok && !schemaAccepts) return report.count('mutants that both refuse');
  const outcome = ok ? schemaAccepts ? 'both accept' : 'only the codec accepts' : 'only the schema accepts';
  // The standard profile says some of what the portable one leaves out.
  const agreed = outcome === 'both accept' && fault.expected === 'only the codec accepts';
  if (outcome === fault.expected || agreed) return report.count(`${outcome}: ${fault.reason}`);
  if (schemaAccepts && subject.isOpenAbove(fault.path)) return report.count(`${outcome}: below an open object`);
  report.fail(
      subject, `${outcome}, but ${fault.expected} was expected at ${fault.path.join('.')}`,
      {fault, answer: String(bytes)});
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
    const places = await checkValid(testee, subject, ++seed, report);
    const targets = new Random(seed).shuffle(Array.from({length: places}, (_, i) => i)).slice(0, MUTANTS_A_MESSAGE);
    for (const target of targets) await checkMutant(testee, subject, seed, target, report);
    for (let i = 0; i < 5; ++i) await checkOutput(testee, subject, seed + i, report);
    if (report.counts['mutants that both refuse'] >= Number(mutants)) break;
  }
  testee.end();
  for (const [name, count] of Object.entries(report.counts)) console.log(`${count} ${name}`);
  console.log(`${report.failures} disagreements`);
  process.exit(report.failures > 0 ? 1 : 0);
}

await main(process.argv.slice(2));
