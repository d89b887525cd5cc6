// Schema and codec say the same of methods that stream messages of a subject: lists of messages, the limit beside them,
// and the results that are collected.
import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';

import {Random} from '../differential/random.mjs';
import {WireMaker} from '../differential/wire.mjs';

import {InstanceMaker, inWords, tolerated, wrong} from './instance.mjs';
import {StrictForm} from './strict.mjs';

const SHAPES = ['server', 'client', 'bidi'];
const QUOTED = tolerated('a count in quotes');
const HUGE = inWords('the range of a count');
const NULL = tolerated('null for no limit');

const COUNTS =
    [...[0, -1, 0.5, true, [], {}, '', 'x', '0'].map(wrong), QUOTED('5'), QUOTED('1e2'), HUGE(4294967296)];
const LIMITS = [...[5, 'x', true, [], [{}], {x: 1}, {messages: 1, x: 2}].map(wrong)];
const LISTS = [5, 'x', true, {}, null].map(wrong);
const ELEMENTS = [5, 'x', true, null, []].map(wrong);

class Method {
  constructor(subject, shape, schemas) {
    this.subject = subject;
    this.shape = shape;
    this.name = `${shape} ${subject.desc.typeName}`;
    this.input = schemas[0];
    this.sends = shape !== 'server';
    this.answers = shape !== 'client';
    const ajv = addFormats.default(new Ajv.default({strict: false, validateFormats: true}));
    [this.isInput, this.isOutput] = schemas.map((schema) => ajv.compile(schema));
  }

  static async make(testee, subject, shape, profile) {
    const name = `${shape} ${subject.desc.typeName}`;
    const schemas = await Promise.all(['i', 'o'].map((letter) => testee.demand(letter, name, profile)));
    return new Method(subject, shape, schemas.map((bytes) => JSON.parse(bytes)));
  }

  // The schema of one message, at the root of which are the definitions.
  get itemSchema() {
    return this.sends ? {...this.input.properties.messages.items, $defs: this.input.$defs} : this.input;
  }

  message(random) {
    return new InstanceMaker(random, this.subject.behavior).make(this.subject.desc);
  }

  // Arguments as a model would write them in this profile.
  arguments(messages, limit, random) {
    const {desc, strict} = this.subject;
    const form = (value) => strict ? new StrictForm(this.itemSchema, random).arguments(desc, value) : value;
    const made = this.sends ? {messages: messages.map(form)} : {...form(messages[0])};
    if (this.answers && (strict || limit !== undefined)) made.stream_limit = this.limit(limit);
    return made;
  }

  limit(limit) {
    if (!this.subject.strict) return limit;
    return limit === undefined ? null : {messages: limit.messages ?? null, seconds: limit.seconds ?? null};
  }
}

// One fault in the arguments, of which it is known what schema and codec should say.
function* mutants(method, plain, random) {
  const change = (name, fault) => ({...fault, instance: {...plain, [name]: fault.value}});
  const {desc, strict} = method.subject;
  const open = ['google.protobuf.Struct', 'google.protobuf.Any'].includes(desc.typeName) && !strict && !method.sends;
  if (!open) yield change('noSuchField', wrong(1));
  if (method.sends) {
    for (const fault of LISTS) yield change('messages', fault);
    for (const fault of ELEMENTS) yield change('messages', {...fault, value: [...plain.messages, fault.value]});
    const {messages, ...others} = plain;
    yield {...wrong(), instance: others};
  }
  if (!method.answers) {
    yield change('stream_limit', wrong({}));
    return;
  }
  for (const fault of LIMITS) yield change('stream_limit', fault);
  if (!strict) yield change('stream_limit', NULL(null));
  const fault = random.pick(COUNTS);
  const [key, other] = random.shuffle(['messages', 'seconds']);
  yield change('stream_limit', {...fault, value: {...(strict ? {[other]: null} : {}), [key]: fault.value}});
}

async function checkArguments(testee, method, random, report) {
  const {subject, name} = method;
  const messages = random.times(method.sends ? random.below(4) : 1, () => method.message(random));
  const limit = random.oneOf(
      () => undefined, () => ({messages: 1}), () => ({seconds: 4294967295}), () => ({messages: 7, seconds: 60}));
  const instance = method.arguments(messages, limit, random);
  const letter = subject.strict ? 't' : 'a';
  const answer = await testee.ask(letter, name, JSON.stringify(instance));
  report.count('valid arguments of streams');
  if (!answer.ok) report.fail(subject, `${name}: the codec refuses valid arguments: ${answer.bytes}`, instance);
  if (!method.isInput(instance))
    report.fail(
        subject, `${name}: the schema refuses valid arguments`,
        {instance, errors: method.isInput.errors, schema: method.input});
  const {typeName} = subject.desc;
  const alone = await Promise.all(messages.map((each) => testee.demand('a', typeName, JSON.stringify(each))));
  const sent = Buffer.concat(alone.flatMap((bytes) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return [size, bytes];
  }));
  if (answer.ok && !sent.equals(answer.bytes))
    report.fail(subject, `${name}: messages of a stream are not what they are alone`, instance);
  for (const {instance: mutant, expected, reason} of mutants(method, instance, random)) {
    const {ok, bytes} = await testee.ask(letter, name, JSON.stringify(mutant));
    const accepts = method.isInput(mutant);
    const outcome = ok ? accepts ? 'both accept' : 'only the codec accepts' :
                         accepts ? 'only the schema accepts' : 'both refuse';
    if (outcome === expected)
      report.count(reason ? `${outcome}: ${reason}` : 'mutants of streams that both refuse');
    else
      report.fail(subject, `${name}: ${outcome}, but ${expected} was expected`, {mutant, answer: String(bytes)});
  }
}

async function checkResults(testee, method, random, report) {
  if (!method.answers) return;
  const {subject, name} = method;
  const wires = random.times(random.below(3), () => new WireMaker(random, subject.registry, []).message(subject.desc));
  const answers = await Promise.all(wires.map((wire) => testee.ask('s', subject.desc.typeName, wire)));
  const messages = answers.filter(({ok}) => ok).map(({bytes}) => JSON.parse(bytes));
  const right = [{messages}, {messages, truncated: 'why'}];
  const bad = [{}, {truncated: 'why'}, {messages: {}}, {messages, truncated: null}, {messages: [...messages, 5]}];
  for (const result of right)
    if (!method.isOutput(result))
      report.fail(subject, `${name}: the output schema refuses a result`, {result, errors: method.isOutput.errors});
  for (const result of bad)
    if (method.isOutput(result)) report.fail(subject, `${name}: the output schema accepts a wrong result`, result);
  report.count('results of streams');
}

// A method of each shape whose messages are of the subject.
export async function checkStreams(testee, subject, profile, seed, report) {
  for (const [i, shape] of SHAPES.entries()) {
    const random = new Random(SHAPES.length * seed + i);
    const method = await Method.make(testee, subject, shape, profile);
    await checkArguments(testee, method, random, report);
    await checkResults(testee, method, random, report);
  }
}
