// How far a backup in a thread is, through memory that both sides see: the thread writes numbers, the
// other side looks when it likes.

import type { Watch } from './file.ts'

/** Of two numbers and the place of the note in `NOTES`. */
export type ProgressBuffer = SharedArrayBuffer

const NOTES = [
  '',
  'Copying the database',
  'Writing the backup',
  'Reading the backup',
  'Checking the database',
] as const

export interface BackupProgress {
  readonly done: number
  readonly total: number
  readonly note: string
}

export function makeProgress(): ProgressBuffer {
  return new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT)
}

/** For the side that works. */
export function counterOf(buffer: ProgressBuffer): NonNullable<Watch['progress']> {
  const numbers = new Float64Array(buffer)
  return (done, total, note) => numbers.set([done, total, NOTES.indexOf(note as '')])
}

/** For the side that looks. */
export function readProgress(buffer: ProgressBuffer): BackupProgress {
  const [done = 0, total = 0, note = 0] = new Float64Array(buffer)
  return { done, total, note: NOTES[note] ?? '' }
}
