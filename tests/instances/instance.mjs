// Random arguments of a message type as its input schema describes them: canonical ProtoJSON as a JavaScript value. Or
// the same with one fault in it, of which it is known what the schema and the codec should say.
import {getOption, hasOption, ScalarType} from '@bufbuild/protobuf';

const DEEPEST = 3;
const REQUIRED = 2, OUTPUT_ONLY = 3;  // google.api.FieldBehavior
const LEGACY_REQUIRED = 3;            // of FieldPresence
const REAL = new Set([ScalarType.DOUBLE, ScalarType.FLOAT]);
const SIGNED = new Set([ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32]);
const UNSIGNED = new Set([ScalarType.UINT32, ScalarType.FIXED32]);
const UNSIGNED_LONG = new Set([ScalarType.UINT64, ScalarType.FIXED64]);
const TEXTS = ['', 'a', 'plain words', '"quoted"', '\\', 'é你😀', '\n', '2025-01-01'];
const WRAPPED = new Set([
  'Timestamp', 'Duration', 'FieldMask', 'Value', 'ListValue', 'DoubleValue', 'FloatValue', 'Int64Value', 'UInt64Value',
  'Int32Value', 'UInt32Value', 'BoolValue', 'StringValue', 'BytesValue'
]);

// What only the codec takes, because ProtoJSON does and it can mean but one thing; the schema shows models one form.
export const tolerated = (reason) => (value) => ({value, expected: 'only the codec accepts', reason});
// What only the codec refuses, because the portable profile has no keyword that says it; the description says it in
// words.
export const inWords = (reason) => (value) => ({value, expected: 'only the schema accepts', reason});
export const wrong = (value) => ({value, expected: 'both refuse'});

const QUOTED = tolerated('a number in quotes');
const UNQUOTED = tolerated('a 64-bit integer as a number');
const SPELLING = tolerated('an exponent');
const NUMBER = tolerated('the number of an enum value');
const OTHER_NAME = tolerated('an alias of an enum value, or the one that means nothing');
const OTHER_KEY = tolerated('the other of the two names of a field');
const NULL = tolerated('null instead of leaving a member out');
const ECHOED = tolerated('an output-only field: models send back what they were given');
const SERVICE = tolerated('a field that the service requires: that it is missing is for the service to say');
const DYNAMIC = tolerated('a list or null as a Value: portable schemas have no list of anything');
const RANGE = inWords('the range of an integer: minimum and maximum would cost tokens in every schema');
const CONTENT = inWords('what a text says: base64, the range of a time, a FieldMask, the type of an Any');
const KEYS = inWords('the keys of a map');
const CHOICE = inWords('two members of a oneof');

const FAULTS = {
  signed:
      [...['x', 0.5, true, {}, [], ''].map(wrong), QUOTED('5'), QUOTED('1e2'), RANGE(2 ** 31), RANGE(-(2 ** 31) - 1)],
  unsigned: [...['x', 0.5, true, {}, [], -1].map(wrong), QUOTED('5'), RANGE(2 ** 32)],
  long: [
    ...['x', '1.5', '', '1 ', true, {}, [], 0.5, '0x10', '--1'].map(wrong), UNQUOTED(5), SPELLING('1e3'),
    RANGE('9223372036854775808')
  ],
  unsignedLong:
      [...['x', '1.5', '', '-1', true, {}, []].map(wrong), UNQUOTED(5), SPELLING('1e3'), RANGE('18446744073709551616')],
  real: [...['abc', '', true, {}, []].map(wrong), QUOTED('1.5'), QUOTED('NaN')],
  bool: ['true', 'yes', 1, 0, {}, []].map(wrong),
  string: [1, true, {}, ['a']].map(wrong),
  bytes: [...[1, true, {}, []].map(wrong), CONTENT('*'), CONTENT('A')],
  nullValue: [...[true, {}, [], 'x'].map(wrong), NUMBER(1)],
  message: [1, true, 'x', '', [], [{}]].map(wrong),
  list: [1, true, 'x', {}].map(wrong),
  map: [1, true, 'x', [], [{}]].map(wrong),
  Timestamp: [
    ...['', 'now', '2025-01-31', '2025-02-30T00:00:00Z', '2025-01-31 ', '2025-13-01T00:00:00Z', 1, {}, [], true].map(
        wrong),
    CONTENT('0000-01-01T00:00:00Z')
  ],
  Duration: [
    ...['', '1', '1.5', 'PT1S', '1.s', '1.0123456789s', '+1s', 1, {}, [], true].map(wrong), CONTENT('315576000001s')
  ],
  FieldMask: [...[1, true, {}, ['a']].map(wrong), CONTENT('a$b')],
  Struct: [1, true, 'x', []].map(wrong),
  Value: [DYNAMIC(null), DYNAMIC([1])],
  ListValue: [...[1, true, 'x', {}].map(wrong), DYNAMIC([null]), DYNAMIC([[1]])],
  Any: [...[1, true, 'x', []].map(wrong), CONTENT({'@type': 'type.googleapis.com/no.Such'}), CONTENT({x: 1})],
  Empty: [1, true, 'x', [], {x: 1}].map(wrong),
};

// Model vendors take no other keys; then the name of the .proto file is used.
const keyOf = ({name, jsonName}) => /^[a-zA-Z0-9_.-]{1,64}$/.test(jsonName) ? jsonName : name;

function isWrapped(desc) {
  return desc.file.name.startsWith('google/protobuf/') && WRAPPED.has(desc.name);
}

export class InstanceMaker {
  // What the fault is and where, once it is made: {path, expected, reason}.
  fault;
  // How many places there are for a fault, so far.
  places = 0;
  #random;
  #behavior;
  #target;
  #path = [];

  // `behavior` is the extension google.api.field_behavior, if there is one; `target` is the place of the fault.
  constructor(random, behavior, target = -1) {
    this.#random = random;
    this.#behavior = behavior;
    this.#target = target;
  }

  make(desc) {
    if (!isWrapped(desc)) return this.#message(desc, 0);
    return this.#at('value', () => ({value: this.#message(desc, 1)}));
  }

  #at(key, make) {
    this.#path.push(key);
    const value = make();
    this.#path.pop();
    return value;
  }

  // `make` or, if this is the place, one of the faults.
  #orFault(faults, make) {
    if (this.places++ !== this.#target) return make();
    const {value, ...fault} = this.#random.pick(faults);
    this.fault = {path: [...this.#path], value, ...fault};
    return value;
  }

  #behaves(field, behavior) {
    return this.#behavior !== undefined && hasOption(field, this.#behavior) &&
        getOption(field, this.#behavior).includes(behavior);
  }

  #message(desc, depth) {
    if (desc.typeName.startsWith('google.protobuf.')) return this.#wellKnown(desc, depth);
    const make = () => this.#members(desc, depth);
    return depth === 0 ? make() : this.#orFault(FAULTS.message, make);
  }

  #members(desc, depth) {
    const random = this.#random;
    const object = {};
    const used = new Set();
    for (const field of desc.fields) {
      if (this.#behaves(field, OUTPUT_ONLY)) continue;
      const required = field.presence === LEGACY_REQUIRED || this.#behaves(field, REQUIRED);
      if (!required && (depth >= DEEPEST || random.chance(depth === 0 ? 20 : 60) || used.has(field.oneof))) continue;
      if (field.oneof) used.add(field.oneof);
      object[keyOf(field)] = this.#at(keyOf(field), () => this.#field(field, depth));
    }
    if (this.places++ === this.#target) this.#spoil(object, desc);
    return object;
  }

  // A fault of the object as a whole.
  #spoil(object, desc) {
    const random = this.#random;
    const present = desc.fields.filter((field) => Object.hasOwn(object, keyOf(field)));
    const faults = [() => {
      object[random.pick(['noSuchField', '', '@type', 'constructor'])] = 1;
      return wrong();
    }];
    const required = present.filter((field) => field.presence === LEGACY_REQUIRED);
    if (required.length > 0)
      faults.push(() => {
        delete object[keyOf(random.pick(required))];
        return wrong();
      });
    const wanted = present.filter((field) => this.#behaves(field, REQUIRED));
    if (wanted.length > 0)
      faults.push(() => {
        delete object[keyOf(random.pick(wanted))];
        return SERVICE();
      });
    const renamed = present.filter((field) => field.name !== field.jsonName);
    if (renamed.length > 0)
      faults.push(() => {
        const field = random.pick(renamed);
        const key = keyOf(field);
        object[key === field.name ? field.jsonName : field.name] = object[key];
        delete object[key];
        return OTHER_KEY();
      });
    const plain =
        present.filter((field) => field.presence !== LEGACY_REQUIRED && (!isSingle(field) || !holdsNull(field)));
    if (plain.length > 0)
      faults.push(() => {
        object[keyOf(random.pick(plain))] = null;
        return NULL();
      });
    const oneof = desc.oneofs.find(
        ({fields}) => fields.length > 1 && fields.some((field) => Object.hasOwn(object, keyOf(field))));
    if (oneof)
      faults.push(() => {
        for (const field of oneof.fields) object[keyOf(field)] ??= this.#field(field, DEEPEST);
        return CHOICE();
      });
    const echoed = desc.fields.filter((field) => this.#behaves(field, OUTPUT_ONLY));
    if (echoed.length > 0)
      faults.push(() => {
        const field = random.pick(echoed);
        object[keyOf(field)] = this.#field(field, DEEPEST);
        return ECHOED();
      });
    const {expected, reason} = random.oneOf(...faults);
    this.fault = {path: [...this.#path], value: object, expected, reason};
  }

  #field(field, depth) {
    if (field.fieldKind === 'list') {
      const faults = holdsNull(field) ? FAULTS.list : [...FAULTS.list, wrong([null])];
      return this.#orFault(
          faults,
          () => this.#random.times(
              this.#random.below(depth >= DEEPEST ? 1 : 3), (i) => this.#at(i, () => this.#single(field, depth))));
    }
    return field.fieldKind === 'map' ? this.#orFault(FAULTS.map, () => this.#map(field, depth)) :
                                       this.#single(field, depth);
  }

  #map(field, depth) {
    const random = this.#random;
    const entries = [];
    for (let i = random.below(depth >= DEEPEST ? 1 : 3); i > 0; --i) {
      const key = field.mapKey === ScalarType.STRING ? `key ${i}` :
          field.mapKey === ScalarType.BOOL ? String(i === 1) :
                                             String(i);
      entries.push([key, this.#at(key, () => this.#single(field, depth))]);
    }
    if (this.places++ === this.#target) this.#spoilMap(field, entries);
    return Object.fromEntries(entries);
  }

  // A key that is none, or null as a value.
  #spoilMap(field, entries) {
    const key = field.mapKey === ScalarType.BOOL ? 'maybe' : 'x';
    const value = entries[0]?.[1];
    if (field.mapKey === ScalarType.STRING ? holdsNull(field) : value === undefined) return;
    entries.push([key, field.mapKey === ScalarType.STRING ? null : value]);
    const {expected, reason} = key === 'x' && field.mapKey !== ScalarType.STRING ? KEYS() : wrong();
    this.fault = {path: [...this.#path], value: key, expected, reason};
  }

  #single(field, depth) {
    if (field.message) return this.#message(field.message, depth + 1);
    return field.enum ? this.#enumeration(field) : this.#scalar(field.scalar);
  }

  #enumeration(field) {
    const {values, typeName} = field.enum;
    if (typeName === 'google.protobuf.NullValue') return this.#orFault(FAULTS.nullValue, () => null);
    const firsts = values.filter((value, i) => values.findIndex((other) => other.number === value.number) === i);
    const chosen = firsts.filter((value) => !value.name.endsWith('UNSPECIFIED') && !value.deprecated);
    const others = values.filter((value) => !chosen.includes(value) && !value.name.endsWith('UNSPECIFIED'));
    const faults = [
      ...['NO_SUCH_VALUE', '', true, {}, [], 0.5].map(wrong), NUMBER(values[0].number),
      ...others.map(({name}) => OTHER_NAME(name))
    ];
    return this.#orFault(faults, () => this.#random.pick(chosen).name);
  }

  #scalar(type) {
    const random = this.#random;
    if (type === ScalarType.BOOL) return this.#orFault(FAULTS.bool, () => random.chance(50));
    if (type === ScalarType.STRING) return this.#orFault(FAULTS.string, () => random.pick(TEXTS));
    if (type === ScalarType.BYTES) return this.#orFault(FAULTS.bytes, () => random.pick(['', 'AQID', 'AQ==', '//8=']));
    if (REAL.has(type)) return this.#orFault(FAULTS.real, () => random.pick([0, -2.5, 1e10, 0.1]));
    if (SIGNED.has(type)) return this.#orFault(FAULTS.signed, () => random.pick([0, -1, 2147483647, -2147483648]));
    if (UNSIGNED.has(type)) return this.#orFault(FAULTS.unsigned, () => random.pick([0, 1, 4294967295]));
    if (UNSIGNED_LONG.has(type))
      return this.#orFault(FAULTS.unsignedLong, () => random.pick(['0', '18446744073709551615']));
    return this.#orFault(FAULTS.long, () => random.pick(['0', '-9223372036854775808', '9007199254740993']));
  }

  #wellKnown(desc, depth) {
    const random = this.#random;
    if (desc.fields.length === 1 && desc.name.endsWith('Value') && desc.name !== 'ListValue')
      return this.#scalar(desc.fields[0].scalar);
    return this.#orFault(FAULTS[desc.name], () => {
      switch (desc.name) {
        case 'Timestamp':
          return random.pick(['2025-01-31T12:00:00Z', '1969-12-31T23:59:59.5Z', '2024-02-29T00:00:00+05:30']);
        case 'Duration':
          return random.pick(['0s', '-1.5s', '315576000000s', '0.000000001s']);
        case 'FieldMask':
          return random.pick(['', 'a', 'displayName,labels.a']);
        case 'Struct':
          return random.pick([{}, {a: 1, b: [true, null, {c: 'd'}]}]);
        case 'Value':
          return random.pick(['x', 1.5, true, {a: [1]}]);
        case 'ListValue':
          return random.pick([[], ['x', 1.5, true, {a: null}]]);
        case 'Any':
          return random.pick([{}, {'@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s'}]);
        default:
          return {};
      }
    });
  }
}

const isSingle = ({fieldKind}) => fieldKind !== 'list' && fieldKind !== 'map';

// Null is one of the values of what it holds.
export function holdsNull(field) {
  return field.message?.typeName === 'google.protobuf.Value' || field.enum?.typeName === 'google.protobuf.NullValue';
}
