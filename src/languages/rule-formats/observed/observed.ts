// Rules that stand at a vendor's, read: what is told about them, and the rule file that means the same.

import { canonicalJson, type Json } from '#kernel/json.ts'
import type { Detail, ObservedFacts, ObservedObject } from './object.ts'
import { defenderFacts, defenderText } from './defender.ts'
import { elasticFacts, elasticText } from './elastic.ts'
import { opensearchFacts, opensearchText } from './opensearch.ts'
import { sentinelFacts, sentinelText } from './sentinel.ts'
import { isUsualInSplunk, splunkFacts, splunkText } from './splunk.ts'

interface Reader {
  readonly facts: (object: ObservedObject) => ObservedFacts
  /** The text of a rule file. Undefined where no rule can be made of it. */
  readonly text: (object: ObservedObject, detail: Detail) => string | undefined
  /** What stands there whether a write names it or not, so that the text leaves it out. */
  readonly isUsual?: (key: string, value: Json) => boolean
}

const READERS: Readonly<Record<string, Reader>> = {
  splunk: { facts: splunkFacts, text: splunkText, isUsual: isUsualInSplunk },
  sentinel: { facts: sentinelFacts, text: sentinelText },
  defender: { facts: defenderFacts, text: defenderText },
  elastic: { facts: elasticFacts, text: elasticText },
  opensearch: { facts: opensearchFacts, text: opensearchText },
}

const UNKNOWN: ObservedFacts = {
  type: 'vendor',
  level: null,
  uuid: null,
  managers: [],
  actions: [],
  query: null,
  names: [],
  observeOnly: 'The product cannot read rules of this kind of target yet.',
}

/** Never throws: what is not as it should be is told as something that is only observed. */
export function readObserved(kind: string, object: ObservedObject): ObservedFacts {
  return READERS[kind]?.facts(object) ?? UNKNOWN
}

export function textOfObserved(
  kind: string,
  object: ObservedObject,
  detail: Detail,
): string | undefined {
  return READERS[kind]?.text(object, detail)
}

type Fields = Readonly<Record<string, Json>>

/**
 * Which fields a write of `body` would leave other than they stand: none where it is faithful. Both in
 * the one spelling of the adapter.
 */
export function fieldsThatDiffer(kind: string, body: Fields, standing: Fields): readonly string[] {
  const isUsual = READERS[kind]?.isUsual
  const keys = new Set([...Object.keys(body), ...Object.keys(standing)])
  return [...keys].filter((key) => {
    const [ours, theirs] = [body[key], standing[key]]
    if (isEmpty(ours) && isEmpty(theirs)) return false
    if (ours === undefined) return isUsual?.(key, theirs!) !== true
    return theirs === undefined || canonicalJson(ours) !== canonicalJson(theirs)
  })
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
