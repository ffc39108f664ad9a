import { expect, test } from 'vitest'
import { readAppointment } from '../src/calendar/index.ts'
import {
  composeMessage,
  entitiesFromJson,
  entityFromJson,
  forwardOf,
  parseMessage,
  parseMessageStream,
  replyTo,
  sendRequestFromJson,
} from '../src/index.ts'

const ENTITY = { From: { Address: 'a@x.test' }, To: [{ Address: 'b@x.test' }], PlainBody: 'x' }
const NO_FLAG = ['true', 1, null]
const NO_FUNCTION = [new Date(), 'x', null]
const NO_TEXT = [5, null]
const NO_WORD = ['Keep', '', 5, null]
const NO_TEXTS: Readonly<Record<string, readonly unknown[]>> = {
  '': ['x', {}, null],
  '[1]': [
    ['a', 5],
    ['a', null],
  ],
}

/** THE table: functions, what they are called with, their options, and values that are none of these. */
const CALLS: readonly {
  readonly call: (options: never) => unknown
  readonly wrong: Readonly<Record<string, readonly unknown[]>>
}[] = [
  {
    call: options => composeMessage(ENTITY, options),
    wrong: {
      bcc: NO_WORD,
      draft: NO_FLAG,
      eightBit: NO_FLAG,
      smtpUtf8: NO_FLAG,
      archive: NO_FLAG,
      references: NO_TEXTS['']!,
      'references[1]': NO_TEXTS['[1]']!,
      calendar: ['BEGIN:VCALENDAR', null],
      calendarAttachment: NO_FLAG,
      resolveContent: NO_FUNCTION,
      now: NO_FUNCTION,
      random: NO_FUNCTION,
    },
  },
  {
    call: options => readAppointment(parseMessage('a: b'), options),
    wrong: { zone: NO_TEXT, limits: ['x', null] },
  },
  {
    call: options => parseMessage('', options),
    wrong: {
      limits: ['x', null],
      attachments: NO_WORD,
      flowed: NO_WORD,
      defaults: ['x', null],
      archive: NO_FLAG,
    },
  },
  {
    call: options => parseMessageStream(new Blob([]).stream(), options),
    wrong: { limits: ['x', null], attachments: NO_WORD, flowed: NO_WORD, archive: NO_FLAG, onAttachment: NO_FUNCTION },
  },
  {
    call: options => replyTo(ENTITY, options),
    wrong: {
      all: NO_FLAG,
      from: ['a@x.test', 5],
      aliases: NO_TEXTS['']!,
      'aliases[1]': NO_TEXTS['[1]']!,
      attribution: NO_TEXT,
    },
  },
  {
    call: options => forwardOf(ENTITY, options),
    wrong: { as: NO_WORD, from: ['a@x.test', 5], heading: NO_TEXT },
  },
  { call: options => entityFromJson({}, options), wrong: { limits: ['x', null] } },
  { call: options => entitiesFromJson([], options), wrong: { limits: ['x', null] } },
  { call: options => sendRequestFromJson({ Emails: [] }, options), wrong: { limits: ['x', null] } },
]

const rows = CALLS.flatMap(({ call, wrong }) => [
  ...['x', 5, null].map(options => ({ call, path: '', options })),
  ...Object.entries(wrong).flatMap(([path, values]) =>
    values.map(value => ({ call, path, options: { [path.replace(/\[.*/, '')]: value } })),
  ),
])

test.each(rows)('$call: $path of $options', async ({ call, path, options }) => {
  await expect((async () => call(options as never))()).rejects.toMatchObject({ code: 'OPTION_INVALID', path })
})

test.each(CALLS)('$call: what is undefined is not set', async ({ call, wrong }) => {
  const options = Object.fromEntries(Object.keys(wrong).map(path => [path.replace(/\[.*/, ''), undefined]))
  await expect((async () => call(options as never))()).resolves.toBeDefined()
})
