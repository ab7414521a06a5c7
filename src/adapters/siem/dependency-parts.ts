// What rules build on is read part by part, each a list of its own with a right of its own. Who may not see
// one of them sees the others, and is told.

import type { Completeness, DependenciesAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'

export interface DependencyPart extends Pick<DependenciesAnswer, 'dependencies' | 'completeness'> {
  /** What the part is about, all of it. */
  readonly kinds: DependenciesAnswer['kinds']
  readonly reactions?: DependenciesAnswer['reactions']
}

/** Each is asked after the one before. Throws what a part throws, but for `forbidden`. */
export async function readParts(
  parts: readonly (() => Promise<DependencyPart>)[],
): Promise<DependenciesAnswer> {
  const read: DependencyPart[] = []
  for (const part of parts) read.push(await partOf(part))
  return {
    // Of a list that was cut nobody knows what is not there.
    kinds: read.flatMap(({ kinds, completeness }) =>
      completeness.kind === 'complete' ? kinds : [],
    ),
    dependencies: read.flatMap(({ dependencies }) => dependencies),
    reactions: read.flatMap(({ reactions }) => reactions ?? []),
    completeness: joined(read.map(({ completeness }) => completeness)),
  }
}

async function partOf(part: () => Promise<DependencyPart>): Promise<DependencyPart> {
  try {
    return await part()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'forbidden') throw error
    const completeness = { kind: 'partial', reason: error.message } as const
    return { kinds: [], dependencies: [], completeness }
  }
}

function joined(all: readonly Completeness[]): Completeness {
  const gaps = all.filter(({ kind }) => kind !== 'complete')
  const [first = { kind: 'complete' }, ...others] = gaps
  if (others.length === 0) return first
  const words = gaps.map((gap) =>
    gap.kind === 'truncated' ? `No more than ${gap.limit}.` : 'reason' in gap ? gap.reason : '',
  )
  return { kind: 'partial', reason: [...new Set(words)].join(' ') }
}
