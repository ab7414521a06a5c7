// A text of several documents taken apart, so that each stands on its own: as it is written where it
// can, and written anew where an `action` above it says a part of it.

import { Document } from 'yaml'
import { parseSigma, type Outline } from './parse.ts'
import { toData } from './yaml.ts'

export interface StandAlone {
  /** Zero-based, counting the documents that stand for something. */
  readonly index: number
  readonly text: string
  /** An `action` was folded in, so its comments are gone. */
  readonly isFolded: boolean
}

export function splitDocuments(text: string): readonly StandAlone[] {
  // Most files hold one document, which need not be read for that.
  if (!HAS_MARKER.test(text) && !HAS_ACTION.test(text)) return [{ index: 0, text, isFolded: false }]
  const { outlines } = parseSigma(text)
  const isPlain = outlines.length < 2 && !HAS_ACTION.test(text)
  if (isPlain) return [{ index: 0, text, isFolded: false }]
  const parts = partsOf(text)
  // Where an action stands among them, the parts are more than the documents.
  const isFolded = HAS_ACTION.test(text) || parts.length !== outlines.length
  return outlines.map((outline, index) => ({
    index,
    text: isFolded ? write(outline, text) : parts[index]!,
    isFolded,
  }))
}

const HAS_MARKER = /^(?:---|\.\.\.)/m
const HAS_ACTION = /^action\s*:/m

/** Between the markers, without what is empty or only comments. */
function partsOf(text: string): readonly string[] {
  const parts = text.split(/^---(?=[ \t]*(?:#.*)?\r?$)[^\n]*\n?|^\.\.\.[ \t]*\r?\n/m)
  return parts.filter((part) => part.split('\n').some((line) => !/^\s*(?:#|$)/.test(line)))
}

function write({ root, start, end }: Outline, text: string): string {
  if (root === undefined) return text.slice(start, end)
  return new Document(toData(root), { version: '1.1' }).toString({ lineWidth: 0 })
}
