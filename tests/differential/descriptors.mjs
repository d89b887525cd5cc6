// Random files: proto2, proto3 and edition 2023 with fields of every kind, label and feature, over one another and over
// the well-known types.
import {create, createFileRegistry, toBinary} from '@bufbuild/protobuf';
import * as wkt from '@bufbuild/protobuf/wkt';

import {Random} from './random.mjs';

const {FieldDescriptorProto_Type: Type, FieldDescriptorProto_Label: Label, Edition} = wkt;
const {
  FeatureSet_FieldPresence: Presence,
  FeatureSet_EnumType: EnumType,
  FeatureSet_MessageEncoding: Encoding,
  FeatureSet_RepeatedFieldEncoding: RepeatedEncoding
} = wkt;

const SCALARS = [
  'DOUBLE', 'FLOAT', 'INT64', 'UINT64', 'INT32', 'FIXED64', 'FIXED32', 'BOOL', 'STRING', 'BYTES', 'UINT32', 'SFIXED32',
  'SFIXED64', 'SINT32', 'SINT64'
].map((name) => Type[name]);
const KEYS = [
  'INT64', 'UINT64', 'INT32', 'FIXED64', 'FIXED32', 'BOOL', 'STRING', 'UINT32', 'SFIXED32', 'SFIXED64', 'SINT32',
  'SINT64'
].map((name) => Type[name]);
const UNPACKABLE = new Set([Type.STRING, Type.BYTES, Type.MESSAGE, Type.GROUP]);
const WELL_KNOWN = ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers'];
const WELL_KNOWN_MESSAGES = [
  'Timestamp', 'Duration', 'FieldMask', 'Struct', 'Value', 'ListValue', 'Any', 'Empty', 'DoubleValue', 'FloatValue',
  'Int64Value', 'UInt64Value', 'Int32Value', 'UInt32Value', 'BoolValue', 'StringValue', 'BytesValue'
];
// A name and its number make it unique; the shapes are those that a rule of camelCase may trip over.
const NAMES = [
  'name', 'page_size', 'fooBar', 'HTTPServer', 'a__b', '_under', 'x_1y', 'trailing_', 'UPPER_CASE', 'constructor',
  'to_string', 'value', 'description', 'type', 'required', 'hasOwnProperty', 'v1_2_3'
];
const JSON_NAMES = ['@odd name', 'a.b', 'ünï', 'quote"d', 'back\\slash', '😀', 'Plain', 'with/slash', '$ref'];

class FileMaker {
  constructor(seed, {extensions = true} = {}) {
    this.random = new Random(seed);
    this.syntax = ['proto2', 'proto3', 'editions'][seed % 3];
    this.pkg = `t${seed}`;
    this.extensions = extensions;
    this.openEnums = new Set();
  }

  make() {
    const {random} = this;
    const fileFeatures = this.syntax === 'editions' ? this.fileFeatures() : undefined;
    this.implicit = this.syntax === 'proto3' || fileFeatures?.fieldPresence === Presence.IMPLICIT;
    this.enums = random.times(1 + random.below(3), (i) => this.makeEnum(`E${i}`, fileFeatures));
    const names = random.times(2 + random.below(4), (i) => `M${i}`);
    this.messageNames = names;
    const messages = names.map((name, i) => this.makeMessage(name, i));
    const editions =
        this.syntax === 'editions' ? {edition: Edition.EDITION_2023, options: {features: fileFeatures}} : {};
    const file = create(wkt.FileDescriptorProtoSchema, {
      name: `${this.pkg}.proto`,
      package: this.pkg,
      syntax: this.syntax === 'proto2' ? '' : this.syntax,
      ...editions,
      dependency: WELL_KNOWN.map((name) => `google/protobuf/${name}.proto`),
      enumType: this.enums,
      messageType: messages,
      extension: this.extensions && this.syntax !== 'proto3' ? this.makeExtensions() : []
    });
    const imports = WELL_KNOWN.map((name) => wkt[`file_google_protobuf_${name}`].proto);
    return create(wkt.FileDescriptorSetSchema, {file: [...imports, file]});
  }

  fileFeatures() {
    const {random} = this;
    const features = {};
    if (random.chance(40)) features.fieldPresence = random.pick([Presence.IMPLICIT, Presence.EXPLICIT]);
    if (random.chance(40)) features.enumType = random.pick([EnumType.OPEN, EnumType.CLOSED]);
    if (random.chance(40))
      features.repeatedFieldEncoding = random.pick([RepeatedEncoding.PACKED, RepeatedEncoding.EXPANDED]);
    if (random.chance(20)) features.messageEncoding = Encoding.DELIMITED;
    return features;
  }

  makeEnum(name, fileFeatures) {
    const {random} = this;
    const own =
        this.syntax === 'editions' && random.chance(30) ? random.pick([EnumType.OPEN, EnumType.CLOSED]) : undefined;
    const closed = this.syntax === 'proto2' || (own ?? fileFeatures?.enumType) === EnumType.CLOSED;
    if (!closed) this.openEnums.add(name);
    // Closed ones with another first value than 0, but for E0: maps need a 0.
    const numbers = new Set([closed && name !== 'E0' && random.chance(50) ? 3 : 0]);
    for (let i = random.below(5); i > 0; --i) numbers.add(random.pick([1, 2, 5, -1, 2147483647, -2147483648, 100 + i]));
    const value = [...numbers].map((number, i) => ({name: `${name}_V${i}`, number}));
    const allowAlias = random.chance(30);
    if (allowAlias) value.push({name: `${name}_ALIAS`, number: value[random.below(value.length)].number});
    const options = {...(allowAlias && {allowAlias}), ...(own && {features: {enumType: own}})};
    return create(wkt.EnumDescriptorProtoSchema, {name, value, options});
  }

  makeMessage(name, index) {
    const {random} = this;
    this.message = create(wkt.DescriptorProtoSchema, {name});
    this.nextNumber = 1;
    this.index = index;
    for (let i = random.below(14); i > 0; --i) this.addField();
    if (random.chance(40)) this.addOneof();
    // Synthetic oneofs come after the real ones.
    for (const field of this.message.field) {
      if (!field.proto3Optional) continue;
      field.oneofIndex = this.message.oneofDecl.length;
      this.message.oneofDecl.push(create(wkt.OneofDescriptorProtoSchema, {name: `_${field.name}`}));
    }
    if (this.extensions && this.syntax !== 'proto3') {
      this.message.extensionRange.push(create(wkt.DescriptorProto_ExtensionRangeSchema, {start: 1000, end: 2000}));
    }
    return this.message;
  }

  number() {
    const {random} = this;
    this.nextNumber += random.chance(80) ? 1 : random.pick([3, 17, 200]);
    return this.nextNumber;
  }

  named(number) {
    const {random} = this;
    const name = `${random.pick(NAMES)}${number}`;
    const jsonName = random.chance(10) ? `${random.pick(JSON_NAMES)}${number}` : camelCase(name);
    return {name, number, jsonName};
  }

  // {type, typeName} of anything but a map.
  someType() {
    const {random} = this;
    return random.oneOf(
        () => ({type: random.pick(SCALARS)}), () => ({type: random.pick(SCALARS)}),
        () => ({type: Type.ENUM, typeName: `.${this.pkg}.${random.pick(this.enums).name}`}),
        () => random.chance(10) ?
            {type: Type.ENUM, typeName: '.google.protobuf.NullValue'} :
            {type: Type.MESSAGE, typeName: `.google.protobuf.${random.pick(WELL_KNOWN_MESSAGES)}`},
        () => ({type: Type.MESSAGE, typeName: `.${this.pkg}.${random.pick(this.messageNames)}`}));
  }

  addField() {
    const {random} = this;
    const number = this.number();
    if (random.chance(20)) return this.addMap(this.named(number));
    if (this.syntax === 'proto2' && random.chance(10)) return this.addGroup(number);
    const field = {...this.named(number), ...this.someType(), label: Label.OPTIONAL, options: {}};
    if (random.chance(30)) {
      field.label = Label.REPEATED;
      if (!UNPACKABLE.has(field.type) && random.chance(50)) this.choosePacking(field);
    } else if (this.syntax === 'proto2') {
      if (random.chance(10) && this.mayBeRequired(field)) field.label = Label.REQUIRED;
    } else if (this.syntax === 'proto3') {
      field.proto3Optional = random.chance(25);
    } else {
      this.choosePresence(field);
    }
    if (this.syntax === 'editions' && field.type === Type.MESSAGE && random.chance(20)) {
      field.options.features = {
        ...field.options.features,
        messageEncoding: random.pick([Encoding.DELIMITED, Encoding.LENGTH_PREFIXED])
      };
    }
    // Implicit presence is for open enums only.
    if (field.type === Type.ENUM && this.isImplicit(field) && !this.isOpen(field.typeName)) {
      Object.assign(field, {type: Type.INT32, typeName: ''});
    }
    this.push(field);
  }

  isImplicit(field) {
    if (field.label === Label.REPEATED || field.proto3Optional) return false;
    const own = field.options.features?.fieldPresence;
    return own === undefined ? this.implicit : own === Presence.IMPLICIT;
  }

  isOpen(typeName) {
    return typeName === '.google.protobuf.NullValue' || this.openEnums.has(typeName.split('.').at(-1));
  }

  choosePacking(field) {
    const packed = this.random.chance(50);
    if (this.syntax !== 'editions')
      field.options.packed = packed;
    else
      field.options.features = {repeatedFieldEncoding: packed ? RepeatedEncoding.PACKED : RepeatedEncoding.EXPANDED};
  }

  choosePresence(field) {
    const {random} = this;
    const message = field.type === Type.MESSAGE;
    if (random.chance(10) && this.mayBeRequired(field)) {
      field.options.features = {fieldPresence: Presence.LEGACY_REQUIRED};
    } else if (!message && random.chance(30)) {
      field.options.features = {fieldPresence: random.pick([Presence.IMPLICIT, Presence.EXPLICIT])};
    }
  }

  // A message that must hold itself cannot be.
  mayBeRequired(field) {
    const message = /\.M(\d+)$/.exec(field.typeName ?? '');
    return message === null || Number(message[1]) < this.index;
  }

  addMap(field) {
    const {random} = this;
    const name = `${
        field.name.replace(/(^|_)([a-z0-9A-Z])/g, (_, __, letter) => letter.toUpperCase()).replaceAll('_', '')}Entry`;
    let value = this.someType();
    if (value.type === Type.ENUM && value.typeName.startsWith(`.${this.pkg}`)) value.typeName = `.${this.pkg}.E0`;
    this.message.nestedType.push(create(wkt.DescriptorProtoSchema, {
      name,
      options: {mapEntry: true},
      field: [
        {name: 'key', number: 1, jsonName: 'key', label: Label.OPTIONAL, type: random.pick(KEYS)},
        {name: 'value', number: 2, jsonName: 'value', label: Label.OPTIONAL, ...value}
      ]
    }));
    this.push(
        {...field, label: Label.REPEATED, type: Type.MESSAGE, typeName: `.${this.pkg}.${this.message.name}.${name}`});
  }

  addGroup(number) {
    const name = `Part${number}`;
    this.message.nestedType.push(create(wkt.DescriptorProtoSchema, {
      name,
      field: [
        {name: 'n', number: 1, jsonName: 'n', label: Label.OPTIONAL, type: Type.INT32},
        {name: 'more', number: 2, jsonName: 'more', label: Label.REPEATED, type: Type.STRING}
      ]
    }));
    this.push({
      name: name.toLowerCase(),
      jsonName: name.toLowerCase(),
      number,
      type: Type.GROUP,
      label: this.random.pick([Label.OPTIONAL, Label.REPEATED]),
      typeName: `.${this.pkg}.${this.message.name}.${name}`
    });
  }

  addOneof() {
    const oneofIndex = this.message.oneofDecl.length;
    this.message.oneofDecl.push(create(wkt.OneofDescriptorProtoSchema, {name: `choice${this.nextNumber}`}));
    for (let i = 1 + this.random.below(4); i > 0; --i) {
      this.push({...this.named(this.number()), ...this.someType(), label: Label.OPTIONAL, oneofIndex});
    }
  }

  makeExtensions() {
    const {random} = this;
    return this.messageNames.filter(() => random.chance(40)).map((name, i) => {
      const field = {
        name: `ext_${i}`,
        jsonName: `ext${i}`,
        number: 1000 + i,
        extendee: `.${this.pkg}.${name}`,
        ...this.someType(),
        label: random.pick([Label.OPTIONAL, Label.REPEATED])
      };
      return create(wkt.FieldDescriptorProtoSchema, field);
    });
  }

  push(field) {
    this.message.field.push(create(wkt.FieldDescriptorProtoSchema, field));
  }
}

// protoc's rule for json_name.
function camelCase(name) {
  return name.replace(/_+(.?)/g, (_, next) => next.toUpperCase());
}

// {bytes, registry, messages}: the set for the testee, and what the other implementation makes of it.
export function randomDescriptors(seed, options) {
  const set = new FileMaker(seed, options).make();
  const registry = createFileRegistry(set);
  const messages = registry.getFile(`t${seed}.proto`).messages;
  return {bytes: toBinary(wkt.FileDescriptorSetSchema, set), registry, messages};
}
