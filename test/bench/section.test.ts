// Two commands write one document, and neither touches what the other wrote.
import { describe, expect, it } from 'vitest'
import { replaceSection } from '../../bench/section.ts'

const document = '# Title\n\n<!-- begin a -->\nold a\n<!-- end a -->\n\nwords\n\n<!-- begin b -->\nold b\n<!-- end b -->\n'

describe('a section of a document', () => {
  it('is replaced, and all else stays byte for byte', () => {
    expect(replaceSection(document, 'a', 'new a\n')).toBe(document.replace('old a', 'new a'))
    expect(replaceSection(document, 'b', '\nnew $& b')).toBe(document.replace('old b', () => 'new $& b'))
  })

  it('comes to the end where there is none yet', () => {
    expect(replaceSection('# Title\n', 'c', 'new c')).toBe('# Title\n\n<!-- begin c -->\nnew c\n<!-- end c -->\n')
  })

  it('is refused where its marks do not pair, rather than written over something else', () => {
    expect(() => replaceSection('<!-- end a -->\n<!-- begin a -->', 'a', '')).toThrow('do not pair')
    expect(() => replaceSection('<!-- begin a -->\nhalf', 'a', '')).toThrow('do not pair')
  })
})
