// The strict form of arguments, as a model would write it by an openai-strict schema: the opposite of what the codec
// does. Every property is given, null for an absent one; a map is a list of its entries; what has no fixed members, and
// messages that the schema cuts off, are JSON in a string. A fault in the arguments stays the same fault; or there is
// one in the form.
import {holdsNull, inWords, tolerated, wrong} from './instance.mjs';

const DYNAMIC = new Set(['Struct', 'Value', 'ListValue', 'Any'].map((name) => `google.protobuf.${name}`));
const UNWRAPPED = new Set(['google.protobuf.Struct', 'google.protobuf.Any']);

const LEFT_OUT = tolerated('a property left out instead of null');
const NATIVE = tolerated('the ProtoJSON form of a map, a Struct, a ListValue or an Any');
const TWICE = inWords('the same key twice in a map');
const BROKEN = inWords('JSON text that is none');

export class StrictForm {
  // What the fault of the form is and where, once it is made, and how many places there are for one: see InstanceMaker.
  fault;
  places = 0;
  #schema;
  #random;
  #target;
  #path = [];
  #texts = [];

  // `target` is the place of a fault of the form.
  constructor(schema, random, target = -1) {
    this.#schema = schema;
    this.#random = random;
    this.#target = target;
  }

  arguments(desc, value) {
    if (UNWRAPPED.has(desc.typeName)) return {value: this.#text(value)};
    if (!desc.typeName.startsWith('google.protobuf.') || desc.typeName === 'google.protobuf.Empty')
      return this.#members(desc, value, this.#schema);
    return this.#each(value, (item) => this.#single({message: desc}, item, this.#schema.properties.value));
  }

  // Whether a path in the arguments leads to or into JSON text, of which the schema says nothing.
  isInText(path) {
    return this.#texts.some((text) => text.every((key, i) => key === String(path[i])));
  }

  // `value` or, if this is the place, one of the faults.
  #orFault(value, makeFaults) {
    if (this.places++ !== this.#target) return value;
    const faults = makeFaults();
    if (faults.length === 0) return value;
    const fault = this.#random.pick(faults);
    this.fault = {path: [...this.#path], ...fault};
    return fault.value;
  }

  // The members of an object, each made anew.
  #each(object, make) {
    const entries = Object.entries(object).map(([key, value]) => {
      this.#path.push(key);
      const made = [key, make(value, key)];
      this.#path.pop();
      return made;
    });
    return Object.fromEntries(entries);
  }

  #members(desc, value, node) {
    if (!isObject(value)) return value;
    const fieldOf = (key) => desc.fields.find(({name, jsonName}) => key === jsonName || key === name);
    const given = new Set(Object.keys(value).map(fieldOf));
    const absent = Object.keys(node?.properties ?? {}).filter((key) => !given.has(fieldOf(key)));
    const form = {
      ...this.#each(
          value,
          (item, key) => fieldOf(key) ? this.#field(fieldOf(key), item, this.#resolve(node?.properties[key])) : item),
      ...Object.fromEntries(absent.map((key) => [key, null]))
    };
    return this.#orFault(form, () => absent.map((key) => {
      const {[key]: none, ...others} = form;
      return LEFT_OUT(others);
    }));
  }

  // Without the null that may stand in its place.
  #resolve(node) {
    if (node?.anyOf) return this.#resolve(node.anyOf.find(({type}) => type !== 'null'));
    return node?.$ref ? this.#schema.$defs[node.$ref.split('/').at(-1)] : node;
  }

  #field(field, value, node) {
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return value;
      return Object.values(this.#each(value, (item) => this.#single(field, item, this.#resolve(node?.items))));
    }
    if (field.fieldKind !== 'map') return this.#single(field, value, node);
    if (!isObject(value)) return Array.isArray(value) ? [value] : value;
    const made = this.#each(value, (item) => this.#single(field, item, this.#resolve(node?.items.properties.value)));
    const entries = Object.entries(made).map(([key, item]) => ({key, value: item}));
    return this.#orFault(entries, () => {
      if (entries.length === 0) return [NATIVE({})];
      const [first, ...others] = entries;
      return [
        NATIVE(made), TWICE([first, ...entries]),
        ...[{key: first.key}, {value: first.value}, {...first, more: 1}, {...first, key: null}, first.key, null].map(
            (entry) => wrong([entry, ...others]))
      ];
    });
  }

  #single(field, value, node) {
    if (value === null && !holdsNull(field)) return value;
    if (!field.message) return value ?? 'NULL_VALUE';
    if (DYNAMIC.has(field.message.typeName)) return this.#text(value);
    if (field.message.typeName.startsWith('google.protobuf.') && field.message.name !== 'Empty') return value;
    return node?.type === 'string' || node?.type?.[0] === 'string' ? this.#text(this.#members(field.message, value)) :
                                                                     this.#members(field.message, value, node);
  }

  #text(value) {
    this.#texts.push([...this.#path]);
    const text = JSON.stringify(value);
    return this.#orFault(
        text,
        () =>
            [...(typeof value === 'object' && value !== null ? [NATIVE(value)] : []),
             ...['', `${text}}`, `${text} 1`, `[${text}`].map(BROKEN)]);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
