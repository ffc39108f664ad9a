/**
 * The page: what is typed, opened or dropped is composed or parsed, and shown.
 *
 * Everything from a message is put into the page as text. Its HTML is only ever shown in a frame that runs no script,
 * sends no form and, by the policy of index.html, fetches nothing.
 */
import { composeMessage, DEFECT_CODES, entityFromJson, entityToJson, MimeError, parseMessage } from 'mimecal'
import { SAMPLES } from './samples.js'

/** Most octets that are shown of a message, and most characters of a content in an entity; downloads have all. */
const MAX_SHOWN_OCTETS = 200_000
const MAX_SHOWN_CONTENT = 96

const get = id => document.getElementById(id)
const numbers = new Intl.NumberFormat('en')
const decoder = new TextDecoder()

/** What is shown: octets and what was read from them; the part that is marked; the view that is open. */
let shown
let marked
let view = 'Entity'
/** Octets of a file, exact, as long as nobody edits their text. */
let file

const VIEWS = {
  Entity: showEntity,
  Octets: showOctets,
  Text: showText,
  HTML: showHtml,
}

// ---------------------------------------------------------------------------------------------------------------- input

function refresh() {
  const text = get('source').value
  const isEntity = /^\s*[{[]/.test(text)
  get('draft').parentElement.hidden = !isEntity
  shown = undefined
  marked = undefined
  get('problems').replaceChildren()
  try {
    if (text.trim() === '') say('Nothing yet: paste an entity or a message, open a file, or drop one here.', '')
    else if (isEntity) compose(text)
    else parse(file?.octets ?? new TextEncoder().encode(text))
  } catch (error) {
    refuse(error)
  }
  get('result').hidden = shown === undefined
  if (shown !== undefined) showResult()
}

function compose(text) {
  const entity = entityFromJson(text)
  const message = composeMessage(entity, { draft: get('draft').checked, bcc: 'keep' })
  const octets = message.toBytes()
  shown = { octets, ...parseMessage(octets) }
  say(`Composed ${count(octets.length, 'octet')} in ${count(partsOf(shown.root), 'part')}.`, 'good')
}

function parse(octets) {
  shown = { octets, ...parseMessage(octets) }
  const { defects, root } = shown
  const wrong = defects.length === 0 ? 'nothing wrong' : count(defects.length, 'defect')
  say(
    `Parsed ${count(octets.length, 'octet')}: ${count(partsOf(root), 'part')}, ${wrong}.`,
    defects.length ? '' : 'good',
  )
  get('problems').append(
    ...defects.map(({ code, offset, detail }) =>
      element(
        'li',
        { class: 'problem defect' },
        element('code', {}, code),
        ` at ${numbers.format(offset)}: ${DEFECT_CODES[code]}${detail === undefined ? '' : `: ${detail}`}`,
      ),
    ),
  )
}

function refuse(error) {
  const problems =
    error instanceof MimeError ? error.problems : [{ code: error.name, path: '', message: error.message }]
  say(`Refused, with ${count(problems.length, 'problem')}.`, 'bad')
  get('problems').append(
    ...problems.map(({ code, path, message }) =>
      element('li', { class: 'problem refusal' }, element('code', {}, code), path === '' ? ' ' : ` ${path}: `, message),
    ),
  )
}

function say(text, kind) {
  get('status').textContent = text
  get('status').className = `status ${kind}`
}

async function open(blob) {
  const octets = new Uint8Array(await blob.arrayBuffer())
  file = { octets }
  get('source').value = decoder.decode(octets)
  get('origin').textContent = `${blob.name}: read octet for octet, until its text is edited.`
  refresh()
}

function load(text) {
  file = undefined
  get('origin').textContent = ''
  get('source').value = text
  refresh()
}

// --------------------------------------------------------------------------------------------------------------- result

function showResult() {
  const { entity, root, calendar, report } = shown
  const rows = {
    Subject: entity.Subject,
    From: entity.From === null ? '' : mailbox(entity.From),
    To: entity.To.map(mailbox).join(', '),
    Cc: entity.Cc.map(mailbox).join(', '),
    Sent: entity.Sent ?? '',
    Calendar: calendar.HasCalendarData ? calendar.CalMethod : '',
    Report: report === undefined ? '' : report.kind,
  }
  const filled = Object.entries(rows).filter(([, value]) => value !== '')
  get('summary').replaceChildren(
    ...filled.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  )
  get('parts').replaceChildren(branch(root))
  get('attachments').replaceChildren(...entity.Attachments.map(attachmentItem))
  get('attachments-title').hidden = entity.Attachments.length === 0
  openView(view)
}

/** A part and what is below it. */
function branch(part) {
  const { contentType, transferEncoding, disposition, offset, end } = part
  const charset = contentType.parameters.get('charset')
  const filename = disposition?.parameters.get('filename') ?? contentType.parameters.get('name')
  const facts = [filename, charset, transferEncoding, count(end - offset, 'octet')].filter(Boolean).join(' · ')
  const button = element(
    'button',
    { type: 'button', 'aria-pressed': 'false' },
    element('span', { class: 'type' }, contentType.mediaType),
    element('span', { class: 'facts' }, facts),
  )
  button.addEventListener('click', () => {
    for (const other of get('parts').querySelectorAll('[aria-pressed]')) other.setAttribute('aria-pressed', 'false')
    button.setAttribute('aria-pressed', 'true')
    marked = part
    openView('Octets')
  })
  const below = [...part.parts, ...(part.message === undefined ? [] : [part.message])]
  return element('li', {}, button, ...(below.length === 0 ? [] : [element('ul', {}, ...below.map(branch))]))
}

function attachmentItem({ Filename, Type, Size, Stream, IsSafeFileExtension }) {
  const name = Filename || 'unnamed'
  const warning = IsSafeFileExtension ? '' : ' · mail clients block this'
  const button = element(
    'button',
    { type: 'button' },
    name,
    element('small', {}, `${Type.replace(/;.*/s, '')} · ${count(Size, 'octet')}${warning}`),
  )
  // As octets, whatever it says it is: it must not open in this page.
  button.addEventListener('click', () => save(name, Stream, 'application/octet-stream'))
  return element('li', { class: IsSafeFileExtension ? '' : 'unsafe' }, button)
}

function openView(name) {
  view = name
  for (const tab of get('tabs').children) {
    const isOpen = tab.textContent === name
    tab.setAttribute('aria-selected', String(isOpen))
    tab.tabIndex = isOpen ? 0 : -1
    if (isOpen) get('view').setAttribute('aria-labelledby', tab.id)
  }
  get('view-note').textContent = ''
  get('view').replaceChildren(VIEWS[name]())
  get('view').querySelector('mark')?.scrollIntoView({ block: 'nearest' })
}

function showEntity() {
  get('view-note').textContent = 'Properties without a value are left out here, and contents cut; the download has all.'
  const isEmpty = value => value === null || value === '' || value === 0 || value === false || value === 'Unknown'
  const text = JSON.stringify(
    JSON.parse(entityToJson(shown.entity)),
    (name, value) => {
      if (isEmpty(value) || (Array.isArray(value) && value.length === 0)) return undefined
      if (name !== 'Stream' || value.length <= MAX_SHOWN_CONTENT) return value
      return `${value.slice(0, MAX_SHOWN_CONTENT)}… ${numbers.format(value.length)} characters`
    },
    2,
  )
  return element('pre', {}, text)
}

function showOctets() {
  const { octets } = shown
  const start = marked?.offset ?? 0
  const end = marked?.end ?? 0
  const text = (from, to) => decoder.decode(octets.subarray(from, Math.min(to, MAX_SHOWN_OCTETS)))
  if (octets.length > MAX_SHOWN_OCTETS) {
    get('view-note').textContent = `The first ${count(MAX_SHOWN_OCTETS, 'octet')}; the download has all.`
  }
  if (marked === undefined) return element('pre', {}, text(0, octets.length))
  return element('pre', {}, text(0, start), element('mark', {}, text(start, end)), text(end, octets.length))
}

function showText() {
  return element('pre', {}, shown.entity.PlainBody || 'There is no plain text.')
}

function showHtml() {
  const { HTMLBody, Attachments } = shown.entity
  if (HTMLBody === '') return element('pre', {}, 'There is no HTML.')
  get('view-note').textContent = 'In a frame without scripts and forms; nothing is fetched.'
  const inline = new Map(Attachments.map(({ Id, Type, Stream }) => [Id, { Type, Stream }]))
  const srcdoc = HTMLBody.replace(/\bcid:([^"'\s)>]+)/gi, (reference, id) => {
    const image = inline.get(id)
    return image === undefined ? reference : `data:${image.Type.replace(/["\s]/g, '')};base64,${base64(image.Stream)}`
  })
  const frame = element('iframe', { title: 'HTML of the message', sandbox: '', referrerpolicy: 'no-referrer' })
  frame.srcdoc = srcdoc
  return frame
}

// ----------------------------------------------------------------------------------------------------------------- page

/** Children are nodes or texts, never markup. */
function element(name, attributes, ...children) {
  const node = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  node.append(...children)
  return node
}

function save(name, content, type) {
  const link = element('a', { download: name, href: URL.createObjectURL(new Blob([content], { type })) })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

function count(number, noun) {
  return `${numbers.format(number)} ${noun}${number === 1 ? '' : 's'}`
}

function partsOf(part) {
  return 1 + part.parts.reduce((sum, child) => sum + partsOf(child), 0)
}

function mailbox({ Name, Address }) {
  return Name === '' ? Address : `${Name} <${Address}>`
}

function base64(octets) {
  let text = ''
  for (const octet of octets) text += String.fromCharCode(octet)
  return btoa(text)
}

get('tabs').append(
  ...Object.keys(VIEWS).map(name => {
    const tab = element('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'view' }, name)
    tab.addEventListener('click', () => openView(name))
    return tab
  }),
)
get('tabs').addEventListener('keydown', event => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  const names = Object.keys(VIEWS)
  const next = names[(names.indexOf(view) + step + names.length) % names.length]
  openView(next)
  get(`tab-${next}`).focus()
})

get('sample').append(...Object.keys(SAMPLES).map(name => element('option', {}, name)))
get('sample').addEventListener('change', event => load(SAMPLES[event.target.value]))

let typing
get('source').addEventListener('input', () => {
  file = undefined
  get('origin').textContent = ''
  clearTimeout(typing)
  typing = setTimeout(refresh, 150)
})
get('draft').addEventListener('change', refresh)
get('file').addEventListener('change', event => {
  const [chosen] = event.target.files
  if (chosen !== undefined) open(chosen)
  // The same file can be opened again.
  event.target.value = ''
})
get('save-message').addEventListener('click', () => save('message.eml', shown.octets, 'message/rfc822'))
get('save-entity').addEventListener('click', () => save('entity.json', entityToJson(shown.entity), 'application/json'))

addEventListener('dragover', event => {
  event.preventDefault()
  get('drop').hidden = false
})
addEventListener('dragleave', event => {
  if (event.relatedTarget === null) get('drop').hidden = true
})
addEventListener('drop', event => {
  event.preventDefault()
  get('drop').hidden = true
  const [dropped] = event.dataTransfer.files
  if (dropped !== undefined) open(dropped)
})

load(SAMPLES[get('sample').value])
