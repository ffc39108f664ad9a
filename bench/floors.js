/**
 * The floors: what this library promises of its speed and memory, as data. `npm run bench -- --check` fails below them.
 *
 * Ratios hold on the slowest supported Node, in one run with what they are compared to; groups are named
 * `workload/group`. They were set at about 60 % of what a prototype reached: room for noise, not for a mistake.
 */

const MIB = 1024 * 1024

/** @type {readonly import('./types.d.ts').RatioFloor[]} */
export const RATIO_FLOORS = [
  floor('compose-25-mib/fresh', 'mimecal toBytes', 'nodemailer build', 2.5),
  floor('compose-25-mib/fresh', 'mimecal toBytes', 'limit allocate and copy', 0.55),
  floor('compose-25-mib/stream', 'mimecal iterate', 'nodemailer createReadStream', 6),
  floor('compose-25-mib/stream', 'mimecal iterate', 'limit encode, no fold', 0.6),
  floor('compose-25-mib/stream', 'mimecal writeInto', 'nodemailer createReadStream', 6),
  floor('compose-25-mib/stream', 'mimecal writeInto', 'limit encode, no fold', 0.6),
  floor('compose-25-mib/no-wasm', 'mimecal iterate', 'nodemailer createReadStream', 4.5),
  floor('compose-25-mib/no-wasm', 'mimecal iterate', 'limit encode, no fold', 0.45),
  floor('compose-25-mib-base64/fresh', 'mimecal toBytes', 'nodemailer build, of octets', 3),
  floor('parse-25-mib/decoded', 'mimecal decode', 'mailparser simpleParser', 12),
  floor('parse-25-mib/decoded', 'mimecal decode', 'postal-mime parse', 20),
  floor('parse-25-mib/decoded', 'mimecal decode', 'limit decode slices', 0.35),
  floor('parse-25-mib/lazy', 'mimecal lazy', 'mailparser simpleParser', 80),
  floor('parse-25-mib/lazy', 'mimecal lazy', 'limit find boundary', 0.3),
  floor('batch-compose/50-messages', 'mimecal stream', 'nodemailer createReadStream', 3.5),
  floor('batch-parse/50-messages', 'mimecal decode', 'mailparser simpleParser', 6),
  floor('batch-parse/50-messages', 'mimecal stream', 'mailparser MailParser', 6),
  floor('text-and-html/compose', 'mimecal toBytes', 'nodemailer build', 8),
  floor('text-and-html/parse', 'mimecal decode', 'mailparser simpleParser', 6),
  floor('text-and-html/parse', 'mimecal decode', 'postal-mime parse', 3),
  floor('small-message/compose-ascii', 'mimecal toBytes', 'nodemailer build', 18),
  floor('small-message/compose-ascii', 'mimecal toBytes', 'mimetext asRaw', 1.3),
  floor('small-message/compose-swedish', 'mimecal toBytes', 'nodemailer build', 18),
  floor('small-message/compose-swedish', 'mimecal toBytes', 'mimetext asRaw', 1.3),
  floor('small-message/parse-ascii', 'mimecal decode', 'mailparser simpleParser', 12),
  floor('small-message/parse-ascii', 'mimecal decode', 'postal-mime parse', 3.5),
  floor('small-message/parse-swedish', 'mimecal decode', 'mailparser simpleParser', 7),
  floor('small-message/parse-swedish', 'mimecal decode', 'postal-mime parse', 3.5),
  floor('invite/compose', 'mimecal toBytes', 'nodemailer build', 20),
  floor('invite/parse', 'mimecal decode', 'mailparser simpleParser', 14),
  floor('invite/parse', 'mimecal decode', 'postal-mime parse', 12),
]

/** @type {readonly import('./types.d.ts').MemoryCeiling[]} */
export const MEMORY_CEILINGS = [
  { group: 'batch-compose/50-messages', side: 'mimecal stream', octets: 48 * MIB },
  { group: 'batch-compose/50-messages', side: 'mimecal stream', octets: 16 * MIB, beyond: 'batch-compose/10-messages' },
  { group: 'batch-parse/50-messages', side: 'mimecal decode', octets: 48 * MIB, beyond: 'batch-parse/10-messages' },
  { group: 'batch-parse/50-messages', side: 'mimecal stream', octets: 48 * MIB },
  { group: 'growth/400-mib', side: 'mimecal stream', octets: 48 * MIB },
  { group: 'growth/400-mib', side: 'mimecal parse stream', octets: 48 * MIB },
  { group: 'growth/400-mib', side: 'mimecal parse lazy', octets: 16 * MIB },
]

/** @type {readonly import('./types.d.ts').GrowthCeiling[]} */
export const GROWTH_CEILINGS = [
  { group: 'growth/400-mib', side: 'mimecal stream', from: 'growth/10-mib', factor: 2 },
  { group: 'growth/400-mib', side: 'mimecal parse stream', from: 'growth/10-mib', factor: 2 },
  { group: 'growth/400-mib', side: 'mimecal parse lazy', from: 'growth/10-mib', factor: 2 },
]

/**
 * @param {string} group
 * @param {string} own
 * @param {string} other
 * @param {number} ratio
 * @returns {import('./types.d.ts').RatioFloor}
 */
function floor(group, own, other, ratio) {
  return { group, own, other, ratio }
}
