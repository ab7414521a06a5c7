// When a schedule runs. Its pattern is of one place's wall clocks; what is stored is the next slot in
// UTC. A time that clocks skip in spring runs once, right after the gap; one they show twice in autumn
// runs once, the first time; a pattern of intervals (`0 * * * *`) runs every hour that passes.

import { Cron } from 'croner'
import { AppError } from '#kernel/error.ts'
import { instant, type Instant } from '#kernel/time.ts'

export interface Timetable {
  /** Five fields. */
  readonly cron: string
  readonly timeZone: string
}

/** The first slot after `after`. Throws `invalid` for what is no pattern, no zone, or never comes. */
export function nextSlot({ cron, timeZone }: Timetable, after: Instant): Instant {
  const next = read(cron, timeZone, after)
  if (!next) {
    throw new AppError('invalid', `The schedule “${cron}” never comes. Name a day that exists.`)
  }
  return instant(next.getTime())
}

// croner names zones and patterns in its errors and evaluates on use, so both are told apart here.
function read(cron: string, timeZone: string, after: Instant): Date | null {
  if (!isTimeZone(timeZone)) {
    throw new AppError('invalid', `“${timeZone}” is no time zone. Use a name like Europe/London.`)
  }
  try {
    return new Cron(cron, { mode: '5-part', paused: true, ...placeOf(timeZone) }).nextRun(
      new Date(after),
    )
  } catch (cause) {
    throw new AppError(
      'invalid',
      `“${cron}” is no schedule. Use five fields as cron does: 0 3 * * * is every day at 03:00.`,
      { cause },
    )
  }
}

// Every start asks for the next slots of schedules in UTC. As an offset it needs no table of zones,
// and opening that takes longer than the rest of the schedules together.
function placeOf(timeZone: string): { readonly timezone: string } | { readonly utcOffset: number } {
  return timeZone === 'UTC' ? { utcOffset: 0 } : { timezone: timeZone }
}

function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}
