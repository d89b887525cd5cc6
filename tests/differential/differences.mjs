// Where the two may differ, and why that is right. A case that differs must match one of these.
export const KNOWN = [
  {
    name: 'the other reads unquoted numbers as doubles: 64-bit integers beyond 2^53 get lost',
    matches: ({difference, notes, theirs}) => notes.has('rounded') &&
        (difference.startsWith('different meaning') ||
         (difference === 'only ours accepts' && /out of range/.test(theirs.error))),
  },
  {
    name: 'the other rounds the text of a float twice, to a double and then to a float',
    matches: ({difference, notes}) => notes.has('halfway') && difference.startsWith('different meaning'),
  },
  {
    name: 'the other refuses 64-bit integers in quotes with a fraction or an exponent',
    matches: ({difference, notes, theirs}) =>
        notes.has('fraction') && difference === 'only ours accepts' && /expected bigint/.test(theirs.error),
  },
  {
    name: 'the other takes what JavaScript takes for a number, and spaces in base64',
    matches: ({difference, ours}) => difference === 'only theirs accepts' &&
        [/expected an? .*(integer|number).*found "(\+1|0x10| 1|1 )"/, /number in the range of a double/, /found "A A="/]
            .some((pattern) => pattern.test(ours.bytes)),
  },
  {
    name: 'the other takes days that a month does not have, the hour 24, and more members beside the value in an Any',
    matches: ({difference, ours}) => difference === 'only theirs accepts' &&
        /found "(2025-02-30T|2023-02-29T|2025-01-01T24:)|unknown field "x"; next to this "@type"/.test(ours.bytes),
  },
  {
    name: 'an Any of a type that nobody described and a Value without a value do not fail a call: base64, and null',
    matches: ({difference, direction, theirs}) => direction.endsWith('wire') && difference === 'only ours accepts' &&
        /is not in the type registry|google.protobuf.Value must have a value/.test(theirs.error),
  },
  {
    name: 'the other keeps numbers that are no value of a closed enum where they stand in a list or a map',
    matches: ({direction, difference, notes}) => direction.endsWith('wire') && notes.has('unknown') &&
        / elements, not |, not -?77$|: only in theirs$|^different meaning/.test(difference),
  },
];
