// Versions of things over HTTP: `ETag` says which one an answer shows, `If-Match` over which one a change
// is made (RFC 9110, sections 8.8.3 and 13.1). A change that names none is refused with 428 (RFC 6585):
// a program that forgets it would overwrite what somebody else has just saved.

import { assert } from '#kernel/error.ts'
import type { ExpectedVersion } from '#kernel/version.ts'
import type { HttpContext } from '#http/env.ts'
import { RequestRefusal } from '#http/error.ts'

const TAG = String.raw`(?:W\/)?"[!\x23-\x7e]*"`
const TAGS = new RegExp(String.raw`^[ \t,]*${TAG}(?:[ \t]*,[ \t,]*${TAG})*[ \t,]*$`)

/** `any` for `*`. Throws 428 without the header when it is demanded, 400 for one that is no list of tags. */
export function readExpected(c: HttpContext, isDemanded: boolean): ExpectedVersion {
  const given = c.req.header('If-Match')
  if (given === undefined) {
    if (isDemanded) throw namesNoVersion()
    return 'any'
  }
  if (given.trim() === '*') return 'any'
  if (!TAGS.test(given)) {
    throw new RequestRefusal(400, 'invalid', 'If-Match is no list of tags such as "abc", nor *.')
  }
  return new Set(strongTags(given))
}

/** Whether `If-None-Match` says that the program has this version already. */
export function isKnown(c: HttpContext, tag: string): boolean {
  const given = c.req.header('If-None-Match')
  if (given === undefined) return false
  return given.trim() === '*' || tagsOf(given).some((one) => one.replace(/^W\//, '') === tag)
}

/** The tag of an answer of a versioned operation: its `revision` where a version alone says too little. */
export function tagOf(value: unknown): string {
  const { version, revision } = value as { readonly version?: unknown; readonly revision?: unknown }
  const text = String(revision ?? version)
  assert(version !== undefined && /^[!\x23-\x7e]+$/.test(text), 'a versioned answer has a version')
  return `"${text}"`
}

// If-Match compares strongly: a weak tag matches nothing (RFC 9110, section 13.1.1).
function strongTags(given: string): readonly string[] {
  return tagsOf(given)
    .filter((tag) => tag.startsWith('"'))
    .map((tag) => tag.slice(1, -1))
}

function tagsOf(given: string): readonly string[] {
  return given.match(new RegExp(TAG, 'g')) ?? []
}

function namesNoVersion(): RequestRefusal {
  return new RequestRefusal(
    428,
    'invalid',
    'Send If-Match with the version you saw: the ETag of GET, or `version` in quotes.',
  )
}
