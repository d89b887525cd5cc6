// node run.mjs TESTEE CASES [SEED]   our codec beside npm @bufbuild/protobuf: random texts and encodings of the
// messages of random files must mean the same to both, and texts with a fault must be refused by both. SEED repeats one
// file's cases.
import {fromBinary, fromJsonString, toBinary, toJson} from '@bufbuild/protobuf';

import {randomDescriptors} from './descriptors.mjs';
import {KNOWN} from './differences.mjs';
import {jsonDifferences, meaning} from './meaning.mjs';
import {Random} from './random.mjs';
import {Testee} from './testee.mjs';
import {TextMaker} from './text.mjs';
import {WireMaker} from './wire.mjs';

const CASES_A_FILE = 50;
const SHOWN = 20;

class File {
  constructor(seed, testee) {
    this.testee = testee;
    this.random = new Random(seed ^ 0x5eed);
    Object.assign(this, randomDescriptors(seed));
    this.extensions = [...this.registry].filter((type) => type.kind === 'extension');
  }

  attempt(function_) {
    try {
      return {ok: true, value: function_()};
    } catch (error) {
      return {ok: false, error};
    }
  }

  // What one says from where the other says something else; undefined if both mean the same.
  compareMeaning(desc, ...encodings) {
    const [ours, theirs] = encodings.map(
        (bytes) => meaning(desc, fromBinary(desc, Uint8Array.from(bytes)), this.registry, this.extensions));
    if (ours === theirs) return undefined;
    let at = 0;
    while (ours[at] === theirs[at]) ++at;
    const part = (text) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 30));
    return `different meaning: ${part(ours)}, not ${part(theirs)}`;
  }

  // {direction, input, notes, ours, theirs, difference}; difference is undefined where both agree.
  async compareText(desc, fault) {
    const {registry, random, extensions} = this;
    const maker = new TextMaker(random, registry, extensions, fault);
    const input = maker.message(desc);
    const ours = await this.testee.ask('w', desc.typeName, input);
    const theirs = this.attempt(() => toBinary(desc, fromJsonString(desc, input, {registry})));
    const result = {direction: maker.faulty ? 'faulty text' : 'text', desc, input, notes: maker.notes, ours, theirs};
    if (ours.ok !== theirs.ok)
      result.difference = ours.ok ? 'only ours accepts' : 'only theirs accepts';
    else if (!ours.ok && !maker.faulty)
      result.difference = 'both refuse what should be right';
    else if (ours.ok)
      result.difference = this.compareMeaning(desc, ours.bytes, theirs.value);
    return result;
  }

  async compareWire(desc, short) {
    const {registry, random, extensions} = this;
    const maker = new WireMaker(random, registry, extensions);
    const whole = maker.message(desc);
    const input = short ? whole.slice(0, random.below(whole.length + 1)) : whole;
    const ours = await this.testee.ask('j', desc.typeName, input);
    const theirs = this.attempt(() => toJson(desc, fromBinary(desc, input), {registry}));
    const result = {direction: short ? 'cut wire' : 'wire', desc, input, notes: maker.notes, ours, theirs};
    if (ours.ok !== theirs.ok) {
      result.difference = ours.ok ? 'only ours accepts' : 'only theirs accepts';
    } else if (ours.ok) {
      result.difference = jsonDifferences(String(ours.bytes), theirs.value)[0];
      const back = await this.testee.ask('w', desc.typeName, ours.bytes);
      if (!back.ok)
        result.difference ??= `refused when read back: ${back.bytes}`;
      else
        result.difference ??= this.compareMeaning(desc, back.bytes, input);
    }
    return result;
  }

  async * cases(count) {
    await this.testee.demand('D', '', this.bytes);
    for (let i = 0; i < count; ++i) {
      const desc = this.messages[i % this.messages.length];
      const kind = this.random.below(10);
      if (kind < 4)
        yield this.compareWire(desc, kind === 0);
      else
        yield this.compareText(desc, kind < 7 ? Infinity : this.random.below(12));
    }
  }
}

function show(seed, {direction, desc, input, ours, theirs, difference}) {
  const text = direction.endsWith('wire') ? Buffer.from(input).toString('hex') : input;
  console.log(`seed ${seed}, ${direction} of ${desc.typeName}: ${difference}
  input:  ${text}
  ours:   ${ours.bytes.toString(direction.endsWith('wire') || !ours.ok ? 'utf8' : 'hex')}
  theirs: ${
      theirs.ok ?
          direction.endsWith('wire') ? JSON.stringify(theirs.value) : Buffer.from(theirs.value).toString('hex') :
          theirs.error.message}`);
}

async function main([program, cases, only]) {
  const testee = new Testee(program);
  const counts = {};
  const excused = new Map(KNOWN.map((known) => [known.name, 0]));
  let done = 0, failures = 0;
  const first = only === undefined ? 1 : Number(only);
  for (let seed = first; done < Number(cases) && (only === undefined || seed === first); ++seed) {
    for await (const result of new File(seed, testee).cases(Math.min(CASES_A_FILE, Number(cases) - done))) {
      ++done;
      counts[result.direction] = (counts[result.direction] ?? 0) + 1;
      if (result.difference === undefined) continue;
      const known = KNOWN.find((entry) => entry.matches(result));
      if (known !== undefined)
        excused.set(known.name, excused.get(known.name) + 1);
      else if (++failures <= SHOWN)
        show(seed, result);
    }
  }
  testee.end();
  console.log(`${done} cases: ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}`);
  for (const [name, count] of excused) console.log(`known difference, ${count} cases: ${name}`);
  console.log(`${failures} unexplained differences`);
  process.exit(failures > 0 || done === 0 ? 1 : 0);
}

await main(process.argv.slice(2));
