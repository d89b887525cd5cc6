// Random ProtoJSON texts of a message type, in all spellings that a reader must take; or the same with one fault in it.
import {ScalarType} from '@bufbuild/protobuf';

const LONG = new Set([ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64, ScalarType.UINT64, ScalarType.FIXED64]);
const UNSIGNED = new Set([ScalarType.UINT32, ScalarType.FIXED32, ScalarType.UINT64, ScalarType.FIXED64]);
const REAL = new Set([ScalarType.DOUBLE, ScalarType.FLOAT]);
const DEEPEST = 4;

const PIECES = [
  'a', 'plain words', '"', '\\', '\n', '\t', '\u0001', '\u007f', 'é', '<&>', '/', '\u2028', "'", '😀', '你', '\0',
  '-',  '{}', '0'
];
const REALS = [
  0, -0, 0.1, -2.5, 1e300, 5e-324, 1e15, 123456.789, 1e-7, 1e21, 16777217, 0.30000000000000004, 1.7976931348623157e308
];
const FLOATS =
    [0, -0, 0.1, -2.5, 3.4028234663852886e38, 1.401298464324817e-45, 16777217, 1e10, 1e-7, 3.14159274, 33554431];

const WRONG = {
  // of each form: what looks like it and is not
  integer: [
    '0.5',
    '""',
    '" 1"',
    '"1 "',
    '"12abc"',
    '"12 34"',
    '"1,2"',
    'true',
    '{}',
    '[1]',
    '1e40',
    '"1e40"',
    '99999999999999999999999',
    '"0x10"',
    '01',
    '+1',
    '"+1"',
    '-',
    '"1e536870000"',
    '1.',
    '.5'
  ],
  real: [
    '""', '"nan"', '"inf"', '"0x10"', 'true', '{}', '[]', '"1 "', '" 1"', 'NaN', 'Infinity', '1e', '1e999', '"1e999"',
    '"1,5"', '01'
  ],
  bool: ['0', '1', '"true"', '"false"', 'True', 'TRUE', '{}', '[true]', '""'],
  string: ['1', 'true', '{}', '["a"]', "'a'", '"a', '"\u0001"', '"\\x41"', '"\\u12"', '"\\U00000041"'],
  bytes: ['1', 'true', '{}', '"*"', '"A"', '"AAAAA"', '"A A="', '"AQ=A"', '"é"'],
  enumeration: ['"NO_SUCH_VALUE"', 'true', '{}', '0.5', '""', '[0]', '99999999999', '"e0_v0"'],
  message: ['1', 'true', '"x"', '[]', '{', '{"noSuchField":1}', '{1:2}', '{,}', '[{}]'],
  list: ['1', 'true', '"x"', '{}', '[null]', '[', '[1,]', '[,]'],
  map: ['1', 'true', '"x"', '[]', '[{}]', '{null:1}', '{1:1}'],
  Timestamp: [
    '"2025-02-30T00:00:00Z"',
    '"2025-01-01T24:00:00Z"',
    '"2025-01-01T00:00:00"',
    '"2025-01-01 00:00:00Z"',
    '""',
    '1',
    '"2025-01-01t00:00:00Z"',
    '"2025-01-01T00:00:00z"',
    '"0000-01-01T00:00:00Z"',
    '"10000-01-01T00:00:00Z"',
    '"2025-01-01T00:00:00.1234567890Z"',
    '"2025-01-01T00:00:00.Z"',
    '"2025-1-1T00:00:00Z"',
    '"2025-13-01T00:00:00Z"',
    '"2025-01-01T00:00:00+0800"',
    '"2025-01-01T00:60:00Z"',
    '"2025-01-01T00:00:60Z"',
    '{"seconds":1}',
    '"0001-01-01T00:00:00+00:01"',
    '"9999-12-31T23:59:59-00:01"',
    '"2023-02-29T00:00:00Z"',
    '"2025-01-01T00:00:00+24:00"'
  ],
  Duration: [
    '"1"', '"s"', '""', '1', '"1.s"', '"+1s"', '"1.1234567890s"', '"315576000001s"', '"1 s"', '" 1s"', '"PT1S"',
    '{"seconds":1}', '"--1s"', '"1e3s"', '".5s"', '"1S"'
  ],
  FieldMask: ['"a_b"', '1', '{}', '["a"]', '{"paths":["a"]}'],
  Struct: ['1', '"x"', '[]', '{"a":}', '{"a":1,}'],
  Value: ['nul', '{', '[1,]', '"\\q"', '1e999'],
  ListValue: ['1', '{}', '"x"', '[1,]'],
  Any: [
    '{"@type":"type.googleapis.com/no.Such"}', '{"@type":1}', '1', '{"@type":"","x":1}', '{"x":1}',
    '{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1"}',
    '{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s","x":1}'
  ],
  Empty: ['1', '{"a":1}', '[]', '"x"'],
};

export class TextMaker {
  // What a text has that the other reader has trouble with: 'rounded', a 64-bit integer that JavaScript's numbers
  // cannot hold, 'fraction', a 64-bit integer written as 1.0 or 1e3, 'halfway', a float whose text as a double is
  // between two floats.
  notes = new Set();
  #random;
  #registry;
  #fault;
  #extensions;

  // `fault` is the place, counted from the first value, where the text is wrong; Infinity: nowhere.
  constructor(random, registry, extensions, fault = Infinity) {
    this.#random = random;
    this.#registry = registry;
    this.#extensions = extensions;
    this.#fault = fault;
  }

  get faulty() {
    return this.#fault < 0;
  }

  #failsHere() {
    return this.#fault-- === 0;
  }

  #wrong(form) {
    return this.#random.pick(WRONG[form]);
  }

  message(desc, depth = 0) {
    if (desc.typeName.startsWith('google.protobuf.')) return this.#wellKnown(desc, depth);
    if (depth > 0 && this.#failsHere()) return this.#wrong('message');
    return this.#object(this.#members(desc, depth));
  }

  // [[key, value text]]
  #members(desc, depth) {
    const random = this.#random;
    const members = [];
    const used = new Set();  // oneofs
    for (const field of random.chance(50) ? desc.fields : random.shuffle(desc.fields)) {
      const required = field.presence === 3;
      const skipped = depth >= DEEPEST || random.chance(depth === 0 ? 20 : 60);
      if (!required && (skipped || (field.oneof && used.has(field.oneof)))) continue;
      if (field.oneof) used.add(field.oneof);
      const unset = !required && !isNullable(field) && random.chance(4);
      members.push([this.#key(field), unset ? 'null' : this.#field(field, depth)]);
    }
    for (const extension of this.#extensions.filter((e) => e.extendee.typeName === desc.typeName)) {
      if (depth < DEEPEST && random.chance(40))
        members.push([`[${extension.typeName}]`, this.#field(extension, depth)]);
    }
    if (this.#failsHere()) this.#spoil(members, desc, depth);
    return members;
  }

  // A fault of the object as a whole.
  #spoil(members, desc, depth) {
    const random = this.#random;
    const oneof = desc.oneofs.find((candidate) => candidate.fields.length > 1);
    if (oneof && random.chance(50)) {
      const names = new Set(oneof.fields.flatMap((field) => [field.jsonName, field.name]));
      for (let i = members.length - 1; i >= 0; --i)
        if (names.has(members[i][0])) members.splice(i, 1);
      for (const field of oneof.fields.slice(0, 2)) members.push([field.jsonName, this.#field(field, DEEPEST)]);
    } else if (members.length > 0 && random.chance(50)) {
      const [key, value] = random.pick(members);
      const field = desc.fields.find(({name, jsonName}) => name === key || jsonName === key);
      members.push([field === undefined ? key : random.pick([field.name, field.jsonName]), value]);
    } else if (desc.fields.some((field) => field.presence === 3) && random.chance(50)) {
      const names =
          desc.fields.filter((field) => field.presence === 3).flatMap((field) => [field.jsonName, field.name]);
      members.splice(members.findIndex(([key]) => names.includes(key)), 1);
    } else {
      members.push([
        random.pick(['nope', '', '@type', '[no.such]', '__proto__', 'constructor']), random.pick(['1', 'null', '{}'])
      ]);
    }
  }

  #key(field) {
    return this.#random.chance(70) ? field.jsonName : field.name;
  }

  #object(members) {
    const random = this.#random;
    const ws = () => random.chance(5) ? random.pick([' ', '\n', '\t', ' \r\n ']) : '';
    return `${ws()}{${
        members.map(([key, value]) => `${ws()}${this.#quote(key)}${ws()}:${ws()}${value}${ws()}`).join(',')}}${ws()}`;
  }

  #field(field, depth) {
    if (field.fieldKind === 'list') {
      if (this.#failsHere()) return this.#wrong('list');
      const count = depth >= DEEPEST ? 0 : this.#random.pick([0, 1, 2, 5]);
      return `[${this.#random.times(count, () => this.#single(field, depth)).join(',')}]`;
    }
    return field.fieldKind === 'map' ? this.#map(field, depth) : this.#single(field, depth);
  }

  #map(field, depth) {
    if (this.#failsHere()) return this.#wrong('map');
    const entries = new Map();
    for (let i = depth >= DEEPEST ? 0 : this.#random.below(4); i > 0; --i) {
      entries.set(this.#mapKey(field.mapKey), this.#single(field, depth));
    }
    if (this.#failsHere()) {
      entries.set(...this.#random.oneOf(
          () => ['never null', 'null'], () => field.mapKey === ScalarType.STRING ? ['x', '"\\q"'] : [
            this.#random.pick(['', 'x', '1.5', ' 1', 'True', '+1', '1e40']), 'null'
          ]));
    }
    return this.#object([...entries]);
  }

  #mapKey(type) {
    if (type === ScalarType.STRING) return this.#string();
    if (type === ScalarType.BOOL) return this.#random.pick(['true', 'false']);
    return String(this.#integer(type));
  }

  #single(field, depth) {
    if (field.message) return this.message(field.message, depth + 1);
    return field.enum ? this.#enumeration(field.enum) : this.scalar(field.scalar);
  }

  #enumeration(desc) {
    const random = this.#random;
    if (this.#failsHere()) return desc.typeName === 'google.protobuf.NullValue' ? '"x"' : this.#wrong('enumeration');
    if (desc.typeName === 'google.protobuf.NullValue') return random.pick(['null', '"NULL_VALUE"']);
    const value = random.pick(desc.values);
    if (!random.chance(30)) return this.#quote(value.name);
    if (desc.open && random.chance(50)) return random.pick(['77', '-77']);
    return random.pick([`${value.number}`, `${value.number}.0`]);
  }

  scalar(type) {
    if (this.#failsHere()) {
      const form = type === ScalarType.BOOL ? 'bool' :
          type === ScalarType.STRING        ? 'string' :
          type === ScalarType.BYTES         ? 'bytes' :
          REAL.has(type)                    ? 'real' :
                                              'integer';
      return this.#wrong(form);
    }
    if (type === ScalarType.BOOL) return this.#random.pick(['true', 'false']);
    if (type === ScalarType.STRING) return this.#quote(this.#string());
    if (type === ScalarType.BYTES) return this.#base64();
    return REAL.has(type) ? this.#real(type) : this.#integerText(type);
  }

  #base64() {
    const random = this.#random;
    const bytes = Buffer.from(random.times(random.below(7), () => random.below(256)));
    const text = bytes.toString(random.pick(['base64', 'base64url']));
    return JSON.stringify(random.chance(30) ? text.replaceAll('=', '') : text);
  }

  #real(type) {
    const random = this.#random;
    if (random.chance(10)) return random.pick(['"NaN"', '"Infinity"', '"-Infinity"']);
    const value = random.chance(60) ? random.pick(type === ScalarType.FLOAT ? FLOATS : REALS) :
                                      (random.bits32() - 2 ** 31) / random.pick([1, 7, 1e5, 2 ** 20]);
    if (type === ScalarType.FLOAT && isHalfway(value)) this.notes.add('halfway');
    const text = Object.is(value, -0) ?
        '-0' :
        random.oneOf(() => String(value), () => value.toExponential(), () => JSON.stringify(value));
    return random.chance(25) ? `"${text}"` : text;
  }

  #integer(type) {
    const random = this.#random;
    const bits = LONG.has(type) ? 64n : 32n;
    const [low, high] = UNSIGNED.has(type) ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
    const wide = BigInt(random.bits32()) << 32n | BigInt(random.bits32());
    return random.oneOf(
        () => low, () => high, () => low + wide % (high - low), () => BigInt(random.below(300)),
        () => BigInt(random.below(10)) * 1000n, () => 0n);
  }

  #integerText(type) {
    const random = this.#random;
    const value = this.#integer(type);
    const forms =
        [`${value}.0`, ...(value !== 0n && value % 1000n === 0n ? [`${value / 1000n}e3`, `${value / 100n}E+2`] : [])];
    const long = LONG.has(type);
    const text = random.chance(long ? 97 : 70) ? String(value) : random.pick(forms);
    const quoted = random.chance(long ? 97 : 20);
    if (long && text !== String(value)) this.notes.add('fraction');
    if (!quoted && !Number.isSafeInteger(Number(value))) this.notes.add('rounded');
    return quoted ? `"${text}"` : text;
  }

  #string() {
    return this.#random.times(this.#random.below(5), () => this.#random.pick(PIECES)).join('');
  }

  // As JSON, now and then with escapes that nobody needs.
  #quote(text) {
    const random = this.#random;
    if (!random.chance(15)) return JSON.stringify(text);
    const units = text.split('');
    return `"${units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
  }

  #wellKnown(desc, depth) {
    const random = this.#random;
    if (desc.name.endsWith('Value') && desc.fields.length === 1 && desc.name !== 'ListValue')
      return this.scalar(desc.fields[0].scalar);
    if (this.#failsHere()) return this.#wrong(desc.name);
    switch (desc.name) {
      case 'Timestamp':
        return random.pick([
          '"2025-01-31T12:00:00Z"', '"1969-12-31T23:59:59.5Z"', '"9999-12-31T23:59:59.999999999Z"',
          '"2024-02-29T00:00:00+05:30"', '"0001-01-01T00:00:00Z"', '"1970-01-01T00:00:00.000000001Z"',
          '"2000-02-29T23:59:59.120-11:30"', '"1900-03-01T00:00:00Z"'
        ]);
      case 'Duration':
        return random.pick([
          '"0s"', '"1.5s"', '"-1.5s"', '"-0.000000001s"', '"315576000000s"', '"3.010s"', '"-0.5s"',
          '"-315576000000.999999999s"', '"1.1s"', '"0.123456789s"'
        ]);
      case 'FieldMask':
        return random.pick(['""', '"a"', '"fooBar,baz"', '"a.bC.d"', '"user.displayName,photo"']);
      case 'Struct':
        return this.#object(
            random.times(random.below(4), (i) => [`k${i}${this.#string()}`, this.#anything(depth + 1)]));
      case 'Value':
        return this.#anything(depth);
      case 'ListValue':
        return `[${random.times(random.below(4), () => this.#anything(depth + 1)).join(',')}]`;
      case 'Any':
        return this.#any(depth);
      default:
        return '{}';
    }
  }

  #anything(depth) {
    const random = this.#random;
    const flat = [
      () => 'null', () => this.#quote(this.#string()), () => random.pick(['true', 'false']),
      () => String(random.pick(REALS)), () => String(random.below(100))
    ];
    if (depth >= DEEPEST) return random.oneOf(...flat);
    return random.oneOf(
        ...flat, () => `[${random.times(random.below(4), () => this.#anything(depth + 1)).join(',')}]`,
        () => this.#object(random.times(random.below(4), (i) => [`k${i}`, this.#anything(depth + 1)])));
  }

  #any(depth) {
    const random = this.#random;
    if (random.chance(20) || depth >= DEEPEST) return '{}';
    const types = [...this.#registry].filter((type) => type.kind === 'message');
    const desc = random.pick(types);
    const url = ['@type', this.#quote(`type.googleapis.com/${desc.typeName}`)];
    const special = desc.typeName.startsWith('google.protobuf.');
    if (desc.name === 'Empty') return this.#object([url]);
    const members = special ? [['value', this.message(desc, depth + 1)]] : this.#members(desc, depth + 1);
    return this.#object(random.chance(70) ? [url, ...members] : [...members, url]);
  }
}

function isHalfway(value) {
  const nearest = Math.fround(value);
  const opposite = nearest + 2 * (value - nearest);
  return value !== nearest && Math.fround(opposite) === opposite;
}

// Null is one of its values.
function isNullable(field) {
  return field.fieldKind !== 'list' && field.fieldKind !== 'map' &&
      (field.message?.typeName === 'google.protobuf.Value' || field.enum?.typeName === 'google.protobuf.NullValue');
}
