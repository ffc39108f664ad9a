import { describe, expect, test } from 'vitest'
import { referencedIds } from '../../src/message/cid.ts'
import { growthRatio } from '../codec/slow/growth.ts'

describe('referencedIds (RFC 2392)', () => {
  test.each([
    { html: '<img src="cid:a@b">', ids: ['a@b'] },
    { html: "<img src='CID:a'>", ids: ['a'] },
    { html: '<img src=cid:a>', ids: ['a'] },
    { html: 'url(cid:a) url("cid:b")', ids: ['a', 'b'] },
    { html: 'cid:a%40b%20', ids: ['a@b ', 'a%40b%20'] },
    { html: 'cid:a%zz', ids: ['a%zz'] },
    { html: 'acid:a cid: x', ids: [] },
    { html: 'cid:__proto__', ids: ['__proto__'] },
    { html: '<img src="cid:logo(1).png">', ids: ['logo(1).png'] },
    { html: "<img src='cid:logo(1).png'> url('cid:b)')", ids: ['logo(1).png', 'b)'] },
    { html: '<img src="cid:o\'brien.png">', ids: ["o'brien.png"] },
    { html: '<img src=cid:logo(1).png>', ids: ['logo(1).png'] },
    { html: '<a style="background:url( cid:a)">(cid:b)', ids: ['a', 'b'] },
    { html: '<a style="background:url(&quot;cid:a(1)&quot;)">', ids: ['a(1)'] },
    { html: '<a style="background:url(&#39;cid:a&#39;)url(&apos;cid:b&apos;)">', ids: ['a', 'b'] },
    { html: '"cid:a&amp;b@c"', ids: ['a&b@c', 'a&amp;b@c'] },
    { html: '"cid:a&#38;b&#X26;c&apos;d"', ids: ["a&b&c'd", 'a&#38;b&#X26;c&apos;d'] },
    { html: '"cid:a&b&#1114112;&#xfffff0;"', ids: ['a&b&#1114112;&#xfffff0;'] },
    { html: '"cid:a&amp;%41"', ids: ['a&A', 'a&%41', 'a&amp;%41'] },
  ])('$html', ({ html, ids }) => {
    expect([...referencedIds(html)]).toEqual(ids)
  })

  test.each(['cid:', 'cid:a ', 'cid:%', 'c', 'cid', '"cid:', '&quot;cid:', 'cid:&amp;', "=cid:('"])(
    'time is in proportion to %j',
    { retry: 2 },
    unit => {
      expect(
        growthRatio(
          5_000,
          n => unit.repeat(n),
          html => referencedIds(html),
        ),
      ).toBeLessThan(3)
    },
  )
})
