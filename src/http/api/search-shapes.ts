// How searches look in JSON.

import { z } from 'zod'
import { SEARCH_LANGUAGES } from '#domain/searches/input.ts'
import { outcomeOf, SEGMENT_STATES, type Search, type Segment } from '#domain/searches/search.ts'
import type { Completeness } from '#domain/targets/port.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import {
  idOf,
  InstantText,
  instantOrNull,
  JobIdText,
  named,
  pageShape,
  RuleIdText,
} from './shapes.ts'

export const SearchIdText = idOf(ID_PREFIXES.search)
export const SavedSearchIdText = idOf(ID_PREFIXES.savedSearch)
export const TargetIdText = idOf(ID_PREFIXES.target)
export const SearchPath = z.strictObject({ id: SearchIdText })

export const CapsShape = {
  rows: z.int(),
  bytes: z.int(),
  seconds: z.int(),
  scanned: z.int().nullable(),
}

export const CompletenessShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('complete') }),
    z.strictObject({ kind: z.literal('partial'), reason: z.string() }),
    z.strictObject({ kind: z.literal('truncated'), limit: z.string() }),
  ])
  .register(named, { id: 'Completeness' })

const SegmentShape = z
  .strictObject({
    n: z.int(),
    target: TargetIdText,
    targetName: z.string(),
    kind: z.string(),
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string(),
    state: z.enum(SEGMENT_STATES),
    attempt: z.int(),
    job: JobIdText.nullable(),
    progress: z.number().nullable(),
    scanned: z.number().nullable(),
    scannedBytes: z.number().nullable(),
    found: z.number().nullable(),
    rows: z.int(),
    bytes: z.int(),
    columns: z.array(z.strictObject({ name: z.string(), type: z.string().nullable() })),
    completeness: CompletenessShape.nullable(),
    notices: z.array(z.string()),
    reason: z.string().nullable(),
    startedAt: InstantText.nullable(),
    endedAt: InstantText.nullable(),
  })
  .register(named, { id: 'SearchSegment' })

export const SearchShape = z
  .strictObject({
    id: SearchIdText,
    title: z.string(),
    language: z.enum(SEARCH_LANGUAGES),
    text: z.string(),
    rule: RuleIdText.nullable(),
    purpose: z.string(),
    from: InstantText,
    to: InstantText,
    caps: z.strictObject(CapsShape),
    saved: SavedSearchIdText.nullable(),
    createdAt: InstantText,
    createdBy: z.string(),
    outcome: z.enum(['running', 'complete', 'some', 'nothing']),
    segments: z.array(SegmentShape),
  })
  .register(named, { id: 'Search' })
export const SearchPageShape = pageShape(SearchShape).register(named, { id: 'SearchPage' })

export function searchShape(search: Search): z.input<typeof SearchShape> {
  const { id, title, language, text, ruleId, purpose, caps, savedId, createdBy, segments } = search
  return {
    id,
    title,
    language,
    text,
    rule: ruleId,
    purpose,
    from: formatInstant(search.from),
    to: formatInstant(search.to),
    caps,
    saved: savedId,
    createdAt: formatInstant(search.createdAt),
    createdBy,
    outcome: outcomeOf(segments)?.kind ?? 'running',
    segments: segments.map(segmentShape),
  }
}

function segmentShape(segment: Segment): z.input<typeof SegmentShape> {
  const { position, targetId, jobId, rowCount, columns, notices, completeness } = segment
  const { targetName, kind, language, text, state, attempt, progress } = segment
  const { scanned, scannedBytes, byteCount, found, reason, startedAt, endedAt } = segment
  return {
    n: position,
    target: targetId,
    targetName,
    kind,
    language,
    text,
    state,
    attempt,
    job: jobId,
    progress,
    scanned,
    scannedBytes,
    found,
    rows: rowCount,
    bytes: byteCount,
    columns: columns.map(({ name, type }) => ({ name, type })),
    completeness: completeness && { ...(completeness satisfies Completeness) },
    notices: [...notices],
    reason,
    startedAt: instantOrNull(startedAt),
    endedAt: instantOrNull(endedAt),
  }
}
