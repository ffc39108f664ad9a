/** An invitation: text, HTML and text/calendar as alternatives, and the calendar again as a file. RFC 6047. */
import { INVITE, INVITE_CALENDAR } from '../mail.js'
import { nodemailerBuild, nodemailerOptions } from '../peers.js'
import {
  mailparserParseOnlySide,
  mailparserSide,
  mimecalDecode,
  mimecalToBytes,
  nodemailerSide,
  postalMimeSide,
} from '../sides.js'

/** nodemailer has a word of its own for the same two parts. */
function options() {
  const { attachments: _, ...rest } = nodemailerOptions(INVITE)
  return { ...rest, icalEvent: { method: 'REQUEST', filename: 'invite.ics', content: INVITE_CALENDAR } }
}

/** @type {import('../types.d.ts').Workload} */
export default {
  name: 'invite',
  groups: [
    {
      name: 'compose',
      title: 'compose an invitation',
      async prepare({ library }) {
        return [mimecalToBytes(library, INVITE), await nodemailerSide(INVITE, options())]
      },
    },
    {
      name: 'parse',
      title: 'parse an invitation',
      async prepare({ library }) {
        const build = await nodemailerBuild(options())
        const message = await build()
        return [
          mimecalDecode(library, message, INVITE),
          await mailparserSide(message, INVITE),
          await mailparserParseOnlySide(message),
          await postalMimeSide(message, INVITE),
        ]
      },
    },
  ],
}
