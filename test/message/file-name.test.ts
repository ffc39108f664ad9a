import { describe, expect, test } from 'vitest'
import { baseName, isSafeFileName } from '../../src/message/file-name.ts'

describe('baseName', () => {
  test.each([
    ['a.txt', 'a.txt'],
    ['/etc/passwd', 'passwd'],
    ['C:\\a\\b.txt', 'b.txt'],
    ['a/b\\c/d', 'd'],
    ['..', ''],
    ['.', ''],
    ['a/', ''],
    ['...', '...'],
    ['.profile', '.profile'],
    ['a\r\nb\0.txt', 'a b.txt'],
    ['a\tb.txt', 'a b.txt'],
    ['\u202efdp.exe', '\u202efdp.exe'],
  ])('%j is %j', (path, name) => {
    expect(baseName(path)).toBe(name)
  })
})

describe('isSafeFileName', () => {
  test.each(['a.pdf', 'a', '', 'exe', 'a.exe.txt', 'a.docx', 'a.constructor', 'a.__proto__'])('%j is safe', name => {
    expect(isSafeFileName(name)).toBe(true)
  })

  test.each(['a.exe', 'A.EXE', 'a.pdf.exe', 'a.exe.', 'a.exe. . ', 'a.js', 'a.lnk', '.bat', 'a.iso'])(
    '%j is not',
    name => {
      expect(isSafeFileName(name)).toBe(false)
    },
  )
})
