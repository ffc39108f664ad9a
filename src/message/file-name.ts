/**
 * Names of files: what of one may be used, and what it says of the file.
 */
import { extensions } from 'libmime/lib/mimetypes.js'
import { trimWsp, withoutControls } from '../header/token.ts'

/** What is left of a name without directories: what a reader may use as the name of a file. */
export function baseName(path: string): string {
  if (path === '') return ''
  const last = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const name = withoutControls(last).replaceAll('\t', ' ')
  return name === '.' || name === '..' ? '' : name
}

/** The type of a file of which nothing is known: RFC 2046 §4.5.1. */
export const OCTETS = 'application/octet-stream'

/**
 * The type of a file by its name. None is a multipart, which has a boundary. Of messages, whose line breaks are changed,
 * only .eml is one: a web page in .mht arrives as it is.
 */
export function typeOfFile(filename: string): string {
  const extension = /\.([^.]*)$/.exec(filename.toLowerCase().replace(/\s/g, ''))?.[1] ?? ''
  if (extension === 'eml') return 'message/rfc822'
  const known = Object.hasOwn(extensions, extension) ? [extensions[extension]!].flat() : []
  const types = known.filter(type => !/^(?:multipart|message)\//.test(type))
  // Of several that which bears its name: .fif is image/fif before application/fractals.
  return types.find(type => type.endsWith(`/${extension}`)) ?? types[0] ?? OCTETS
}

/** Longest part of a subject in the name of a file, in characters. */
const MAX_SUBJECT_LENGTH = 100

/** What of a subject can be the name of a file, without extension; `''` where nothing can. */
export function fileNameOfSubject(subject: string): string {
  const name = trimWsp(subject.replace(/[/\\:*?"<>|\t]/g, ' ').replace(/ {2,}/g, ' ')).slice(0, MAX_SUBJECT_LENGTH)
  // Half a character may be left at the end.
  return trimWsp(name.replace(/[\ud800-\udbff]$/, ''))
}

/** Extensions that run something when they are opened: what Outlook and Gmail refuse. */
const UNSAFE_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    'ade adp apk app appcontent-ms appinstaller application appref-ms appx appxbundle asp aspx asx bas bat bgi cab cer ' +
    'chm cmd cnt com cpl crt csh der diagcab diagcfg diagpkg dll dmg ex ex_ exe fxp gadget grp hlp hpj hta htc img inf ins ' +
    'iso isp its jar jnlp js jse jsp ksh lib library-ms lnk mad maf mag mam maq mar mas mat mau mav maw mcf mda mdb mde ' +
    'mdt mdw mdz msc msh msh1 msh1xml msh2 msh2xml mshxml msi msix msixbundle msp mst msu nsh ops osd pcd pif pl plg prf ' +
    'prg printerexport ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 pst py pyc pyo pyw pyz pyzw reg scf scr sct settingcontent-ms ' +
    'shb shs sys theme tmp url vb vbe vbp vbs vhd vhdx vsmacros vsw vxd webpnp website ws wsb wsc wsf wsh xbap xll xnk'
  ).split(' '),
)

/** False for a name with an extension that mail clients refuse to open. */
export function isSafeFileName(filename: string): boolean {
  if (filename === '') return true
  // Windows drops dots and blanks at the end of a name: "a.exe." runs as "a.exe".
  const name = (/[. ]/.test(filename.slice(-1)) ? filename.replace(/[. ]{1,255}$/, '') : filename).toLowerCase()
  const dot = name.lastIndexOf('.')
  return dot === -1 || !UNSAFE_EXTENSIONS.has(name.slice(dot + 1))
}
