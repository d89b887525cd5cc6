// What two messages, and two JSON texts, are compared by.
import {fromBinary, getExtension, hasExtension} from '@bufbuild/protobuf';
import {reflect} from '@bufbuild/protobuf/reflect';
import {FeatureSet_FieldPresence} from '@bufbuild/protobuf/wkt';
import {inspect} from 'node:util';

const {IMPLICIT} = FeatureSet_FieldPresence;

// A text that is the same for messages that mean the same: NaN is NaN, -0 is not 0, maps have no order, unknown fields
// and the encoding of what is in an Any do not count.
export function meaning(desc, message, registry, extensions) {
  if (desc.typeName === 'google.protobuf.Any') {
    const inner = registry.getMessage(message.typeUrl.split('/').at(-1));
    if (inner !== undefined)
      return `${message.typeUrl}${meaning(inner, fromBinary(inner, message.value), registry, extensions)}`;
  }
  const view = reflect(desc, message);
  const isNull = (field) => field.enum?.typeName === 'google.protobuf.NullValue';  // any number of it is null
  const one = (field) => (item) => field.message ? meaning(field.message, item.message, registry, extensions) :
      isNull(field)                              ? 'null' :
                                                   scalar(item);
  const isSet = (field) =>
      view.isSet(field) && !(isNull(field) && field.fieldKind === 'enum' && field.presence === IMPLICIT);
  const parts = desc.fields.filter(isSet).map((field) => {
    const value = view.get(field);
    if (field.fieldKind === 'list') return `${field.number}:[${[...value].map(one(field))}]`;
    if (field.fieldKind !== 'map') return `${field.number}:${one(field)(value)}`;
    return `${field.number}:{${[...value].map(([key, item]) => `${scalar(key)}=${one(field)(item)}`).sort()}}`;
  });
  for (const extension of extensions) {
    if (extension.extendee.typeName !== desc.typeName || !hasExtension(message, extension)) continue;
    const values = [getExtension(message, extension)].flat();
    // Wrappers and Struct come without their message.
    const ofValue = (value) => value.$typeName ? meaning(extension.message, value, registry, extensions) :
        extension.enum                         ? one(extension)(value) :
        typeof value === 'object'              ? inspect(value, {depth: null, sorted: true}) :
                                                 scalar(value);
    if (values.length > 0) parts.push(`${extension.number}:[${values.map(ofValue)}]`);
  }
  return `{${parts.join()}}`;
}

function scalar(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return Object.is(value, -0) ? '-0' : typeof value === 'string' ? JSON.stringify(value) : String(value);
}

// A number as it was written.
class Written {
  constructor(text) {
    this.text = text;
  }
}

// The differences of our JSON text from the other's JSON value, as "path: what". Integers are compared digit by digit,
// and a double or float must be written with the fewest digits that say it.
export function jsonDifferences(text, value) {
  const ours = JSON.parse(text, (key, item, {source}) => typeof item === 'number' ? new Written(source) : item);
  const found = [];
  compare('$', ours, value, found);
  return found;
}

function compare(path, ours, theirs, found) {
  if (ours instanceof Written && typeof theirs === 'number') {
    if (!isShortest(ours.text, theirs)) found.push(`${path}: ${ours.text}, not ${theirs}`);
  } else if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length) found.push(`${path}: ${ours.length} elements, not ${theirs.length}`);
    ours.forEach((item, i) => compare(`${path}[${i}]`, item, theirs[i], found));
  } else if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      if (Object.hasOwn(ours, key) !== Object.hasOwn(theirs, key)) {
        found.push(`${path}.${key}: only in ${Object.hasOwn(ours, key) ? 'ours' : 'theirs'}`);
      } else {
        compare(`${path}.${key}`, ours[key], theirs[key], found);
      }
    }
  } else if (ours !== theirs) {
    found.push(`${path}: ${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !(value instanceof Written);
const digits = (text) => text.replace(/[eE].*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;

function isShortest(text, value) {
  if (Object.is(Number(text), value)) return digits(text) === digits(String(value));
  // The other keeps a float as the double it is.
  if (value !== Math.fround(value) || Math.fround(Number(text)) !== value) return false;
  for (let count = 1; count < digits(text); ++count) {
    if (Math.fround(Number(value.toPrecision(count))) === value) return false;
  }
  return true;
}
