import { describe, expect, test } from 'vitest'
import { isNotModified, requestedRange } from '../../src/server/http.ts'

const lastModified = 'Tue, 24 Nov 2026 07:00:00 GMT'
const weak = { etag: 'W/"a-1"', lastModified }
const strong = { etag: '"a-1"', lastModified }

describe('a client has the current version', () => {
  test.each([
    ['"a-1"', true],
    ['W/"a-1"', true],
    ['"b", W/"a-1"', true],
    [' * ', true],
    ['"b"', false],
    ['a-1', false],
    ['', false],
  ])('if it sends If-None-Match: %s → %s', (tags, expected) => {
    expect(isNotModified({ 'if-none-match': tags }, weak)).toBe(expected)
    expect(isNotModified({ 'if-none-match': tags }, strong)).toBe(expected)
  })

  test.each([
    [lastModified, true],
    ['Tue, 24 Nov 2026 07:00:01 GMT', true],
    ['Tue, 24 Nov 2026 06:59:59 GMT', false],
    ['yesterday', false],
  ])('if it sends If-Modified-Since: %s → %s', (since, expected) => {
    expect(isNotModified({ 'if-modified-since': since }, weak)).toBe(expected)
  })

  test('only where If-None-Match says so, if both are sent', () => {
    const headers = { 'if-none-match': '"b"', 'if-modified-since': lastModified }
    expect(isNotModified(headers, weak)).toBe(false)
  })

  test('not without a condition', () => {
    expect(isNotModified({}, weak)).toBe(false)
  })
})

describe('of 10 bytes', () => {
  test.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-4', { start: 2, end: 4 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
    ['bytes=a-b', undefined],
    [undefined, undefined],
  ])('the range %s is %j', (range, expected) => {
    expect(requestedRange({ range }, 10, weak)).toEqual(expected)
  })

  test.each([
    [strong, '"a-1"', true],
    [strong, '"b"', false],
    [weak, 'W/"a-1"', false],
    [weak, lastModified, true],
    [weak, 'Tue, 24 Nov 2026 06:59:59 GMT', false],
  ])('a range of %j applies if If-Range is %s: %s', (validators, condition, applies) => {
    const range = requestedRange({ range: 'bytes=0-0', 'if-range': condition }, 10, validators)
    expect(range).toEqual(applies ? { start: 0, end: 0 } : undefined)
  })
})

test('an empty file has no range', () => {
  expect(requestedRange({ range: 'bytes=0-' }, 0, weak)).toBe('unsatisfiable')
})
