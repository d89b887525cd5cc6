// Random encodings of a message type, with all that the wire format allows: fields in any order, in pieces, packed and
// not, given twice, unknown to the reader, map entries without key or value, members of a oneof after each other.
import {ScalarType} from '@bufbuild/protobuf';
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {FeatureSet_FieldPresence} from '@bufbuild/protobuf/wkt';

const EDGES = [
  0n, 1n, -1n, 127n, 128n, 16384n, 2147483647n, -2147483648n, 4294967295n, 9007199254740993n, 2n ** 63n - 1n,
  -(2n ** 63n)
];
const REALS = [
  0, -0, 0.1, -2.5, 1e300, 5e-324, 1e15, 123456.789, 1e-7, 1e21, NaN, Infinity, -Infinity, 16777217, 0.30000000000000004
];
const PIECES = ['a', 'words', '"', '\\', '\n', '\u0001', '\u007f', 'é', '</', '\u2028', '😀', '你', '\0'];
const DEEPEST = 4;
const {LEGACY_REQUIRED} = FeatureSet_FieldPresence;
const WIRE_TYPES = new Map([
  [ScalarType.DOUBLE, WireType.Bit64], [ScalarType.FIXED64, WireType.Bit64], [ScalarType.SFIXED64, WireType.Bit64],
  [ScalarType.FLOAT, WireType.Bit32], [ScalarType.FIXED32, WireType.Bit32], [ScalarType.SFIXED32, WireType.Bit32],
  [ScalarType.STRING, WireType.LengthDelimited], [ScalarType.BYTES, WireType.LengthDelimited]
]);

function wireTypeOf(field) {
  if (field.message) return field.delimitedEncoding ? WireType.StartGroup : WireType.LengthDelimited;
  return field.enum ? WireType.Varint : WIRE_TYPES.get(field.scalar) ?? WireType.Varint;
}

export class WireMaker {
  // What an encoding has that the other reader has trouble with: 'unknown', a number that is no value of a closed enum.
  notes = new Set();
  #random;
  #registry;
  #extensions;

  constructor(random, registry, extensions) {
    this.#random = random;
    this.#registry = registry;
    this.#extensions = extensions;
  }

  message(desc, depth = 0) {
    const writer = new BinaryWriter();
    if (desc.typeName.startsWith('google.protobuf.') && desc.fields.length > 0)
      this.#wellKnown(writer, desc, depth);
    else
      this.#members(writer, desc, depth);
    return writer.finish();
  }

  #members(writer, desc, depth) {
    const random = this.#random;
    const extensions = this.#extensions.filter((extension) => extension.extendee.typeName === desc.typeName);
    // As serializers write it, or in any other way.
    const tidy = random.chance(50);
    const byNumber = [...desc.fields, ...extensions].sort((a, b) => a.number - b.number);
    const fields = tidy ? byNumber : random.shuffle(byNumber);
    for (const field of fields) {
      const skipped = depth >= DEEPEST || random.chance(depth === 0 ? 20 : 60);
      const required = field.presence === LEGACY_REQUIRED && !random.chance(1);
      if (required || !skipped) this.#field(writer, field, depth);
      if (random.chance(3)) this.#unknown(writer);
    }
    // Given again: the last scalar counts, messages merge, lists go on, and of a oneof one member stays.
    while (!tidy && fields.length > 0 && depth < DEEPEST && random.chance(40)) this.#field(writer, random.pick(fields), depth);
  }

  #unknown(writer) {
    const number = 400000 + this.#random.below(5);
    this.#random.oneOf(
        () => writer.tag(number, WireType.Varint).int64(this.#random.pick(EDGES)),
        () => writer.tag(number, WireType.Bit64).fixed64(7n), () => writer.tag(number, WireType.Bit32).fixed32(7),
        () => writer.tag(number, WireType.LengthDelimited).bytes(new Uint8Array([1, 2, 3])),
        () => writer.tag(number, WireType.StartGroup).tag(1, WireType.Varint).int32(1).tag(number, WireType.EndGroup));
  }

  #field(writer, field, depth) {
    const random = this.#random;
    if (field.fieldKind === 'map') {
      for (let i = random.below(4); i > 0; --i) {
        writer.tag(field.number, WireType.LengthDelimited).bytes(this.#entry(field, depth));
      }
    } else if (field.fieldKind === 'list') {
      for (let i = random.pick([1, 1, 1, 2, 3]); i > 0; --i) this.#elements(writer, field, depth);
    } else {
      this.#single(writer, field, field.number, depth);
    }
  }

  #elements(writer, field, depth) {
    const random = this.#random;
    const count = random.below(4);
    const packable = !field.message && wireTypeOf(field) !== WireType.LengthDelimited;
    if (packable && random.chance(50)) {
      writer.tag(field.number, WireType.LengthDelimited).fork();
      for (let i = count; i > 0; --i) this.#value(writer, field);
      writer.join();
    } else {
      for (let i = count; i > 0; --i) this.#single(writer, field, field.number, depth);
    }
  }

  #entry(field, depth) {
    const random = this.#random;
    const writer = new BinaryWriter();
    const key = {scalar: field.mapKey};
    if (random.chance(20)) {  // The same key, left out or written.
      if (field.mapKey === ScalarType.STRING && random.chance(50)) writer.tag(1, WireType.LengthDelimited).string('');
    } else {
      writer.tag(1, wireTypeOf(key));
      this.#value(writer, key);
    }
    if (!random.chance(10)) this.#single(writer, {...plain(field), delimitedEncoding: false}, 2, depth);
    return writer.finish();
  }

  #single(writer, field, number, depth) {
    writer.tag(number, wireTypeOf(field));
    if (!field.message) return this.#value(writer, field);
    const bytes = this.message(field.message, depth + 1);
    if (field.delimitedEncoding)
      writer.raw(bytes).tag(number, WireType.EndGroup);
    else
      writer.bytes(bytes);
  }

  // Without its tag.
  #value(writer, field) {
    const random = this.#random;
    if (field.enum) {
      const unknown = random.chance(field.enum.open ? 20 : 2);
      if (unknown && !field.enum.open) this.notes.add('unknown');
      return writer.int32(unknown ? random.pick([77, -77]) : random.pick(field.enum.values).number);
    }
    const integer = random.chance(50) ? random.pick(EDGES) : BigInt(random.bits32()) * BigInt(random.bits32());
    const real = random.chance(50) ? random.pick(REALS) : (random.bits32() - 2 ** 31) / random.pick([1, 7, 2 ** 20]);
    switch (field.scalar) {
      case ScalarType.DOUBLE:
        return writer.double(real);
      case ScalarType.FLOAT:
        return writer.float(Math.abs(real) > 3e38 && Number.isFinite(real) ? 3e38 : real);
      case ScalarType.INT64:
        return writer.int64(BigInt.asIntN(64, integer));
      case ScalarType.UINT64:
        return writer.uint64(BigInt.asUintN(64, integer));
      case ScalarType.INT32:
        return random.chance(90) ? writer.int32(Number(BigInt.asIntN(32, integer))) :
                                   writer.int64(BigInt.asIntN(64, integer));
      case ScalarType.FIXED64:
        return writer.fixed64(BigInt.asUintN(64, integer));
      case ScalarType.FIXED32:
        return writer.fixed32(Number(BigInt.asUintN(32, integer)));
      case ScalarType.BOOL:
        return writer.uint32(random.pick([0, 1, 1, 2]));
      case ScalarType.STRING:
        return writer.string(random.times(random.below(5), () => random.pick(PIECES)).join(''));
      case ScalarType.BYTES:
        return writer.bytes(new Uint8Array(random.times(random.below(6), () => random.below(256))));
      case ScalarType.UINT32:
        return writer.uint32(Number(BigInt.asUintN(32, integer)));
      case ScalarType.SFIXED32:
        return writer.sfixed32(Number(BigInt.asIntN(32, integer)));
      case ScalarType.SFIXED64:
        return writer.sfixed64(BigInt.asIntN(64, integer));
      case ScalarType.SINT32:
        return writer.sint32(Number(BigInt.asIntN(32, integer)));
      default:
        return writer.sint64(BigInt.asIntN(64, integer));
    }
  }

  // Messages whose JSON form says more than their fields: values that have one, and a few that have none.
  #wellKnown(writer, desc, depth) {
    const random = this.#random;
    const broken = random.chance(2);
    const time = (seconds, nanos) => writer.tag(1, WireType.Varint).int64(seconds).tag(2, WireType.Varint).int32(nanos);
    switch (desc.name) {
      case 'Timestamp':
        return broken ? time(random.pick([253402300800n, -62135596801n, 0n]), random.pick([-1, 1000000000])) :
                        time(
                            random.pick([0n, -1n, 1738324800n, 253402300799n, -62135596800n]),
                            random.pick([0, 1, 500000000, 999999999, 120000]));
      case 'Duration':
        return broken ?
            time(random.pick([315576000001n, 1n]), -1) :
            random.oneOf(
                () => time(-3n, -500000000), () => time(0n, -1), () => time(315576000000n, 0), () => time(7n, 120000));
      case 'FieldMask':
        for (let i = random.below(3); i > 0; --i) {
          writer.tag(1, WireType.LengthDelimited).string(broken ? 'fooBar' : random.pick([
            'a', 'foo_bar', 'a.b_c', 'user.display_name'
          ]));
        }
        return;
      case 'Any':
        return this.#any(writer, depth);
      case 'Struct':
        for (let i = depth >= DEEPEST ? 0 : random.below(3); i > 0; --i) {
          const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string(`k${random.below(4)}`);
          entry.tag(2, WireType.LengthDelimited).bytes(this.#dynamic(depth + 1));
          writer.tag(1, WireType.LengthDelimited).bytes(entry.finish());
        }
        return;
      case 'Value':
        return writer.raw(broken ? new Uint8Array() : this.#dynamic(depth));
      case 'ListValue':
        for (let i = depth >= DEEPEST ? 0 : random.below(3); i > 0; --i) {
          writer.tag(1, WireType.LengthDelimited).bytes(this.#dynamic(depth + 1));
        }
        return;
      default:
        return this.#members(writer, desc, depth);
    }
  }

  // A google.protobuf.Value.
  #dynamic(depth) {
    const random = this.#random;
    const writer = new BinaryWriter();
    const flat = [
      () => writer.tag(1, WireType.Varint).int32(0),
      () => writer.tag(2, WireType.Bit64)
                .double(random.pick(random.chance(95) ? [0, -0, 0.1, 5, 1e21, -7.25] : [NaN, Infinity])),
      () => writer.tag(3, WireType.LengthDelimited).string(random.pick(PIECES)),
      () => writer.tag(4, WireType.Varint).bool(true)
    ];
    const nested = ['Struct', 'ListValue'].map(
        (name, i) => () => writer.tag(5 + i, WireType.LengthDelimited)
                               .bytes(this.message(this.#registry.getMessage(`google.protobuf.${name}`), depth + 1)));
    random.oneOf(...flat, ...(depth < DEEPEST ? nested : []));
    return writer.finish();
  }

  #any(writer, depth) {
    const random = this.#random;
    if (random.chance(20) || depth >= DEEPEST) return;
    const desc = random.pick([...this.#registry].filter((type) => type.kind === 'message'));
    writer.tag(1, WireType.LengthDelimited)
        .string(`type.googleapis.com/${random.chance(97) ? desc.typeName : 'no.Such'}`);
    writer.tag(2, WireType.LengthDelimited).bytes(this.message(desc, depth + 1));
  }
}

const plain = ({scalar, enum: enumeration, message}) => ({scalar, enum: enumeration, message});
