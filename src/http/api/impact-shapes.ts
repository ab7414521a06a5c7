// How backtests look in JSON: those of a change, and forecasts.

import { z } from 'zod'
import { BACKTEST_STATES, type Days, type Measured } from '#domain/changes/backtest.ts'
import { named } from './shapes.ts'

export const CostShape = z.strictObject({
  scanned: z.int().nullable(),
  bytes: z.int().nullable(),
  seconds: z.int(),
})
export const CostsShape = z.strictObject({
  before: CostShape.nullable(),
  after: CostShape.nullable(),
})
export const AlertsShape = z.strictObject({
  before: z.int().nullable(),
  after: z.int().nullable(),
})
export const DAYS_SHAPE = { before: z.array(z.int()), after: z.array(z.int()) }
const DaysShape = z.strictObject(DAYS_SHAPE).nullable()

/** Rows over the window; null where nobody told. */
export const MeasuredShape = z
  .strictObject({
    before: z.int(),
    after: z.int(),
    added: z.int(),
    removed: z.int(),
    kept: z.int(),
    scanned: z.int().nullable(),
    cost: CostShape,
    alerts: AlertsShape,
    days: z.strictObject({ matches: DaysShape, alerts: DaysShape }),
    costs: CostsShape,
    identity: z.array(z.string()),
    notes: z.array(z.string()),
  })
  .register(named, { id: 'Measured' })

export const BacktestStandingShape = {
  state: z.enum(BACKTEST_STATES),
  reason: z.string().nullable(),
  counts: z.strictObject({
    waiting: z.int(),
    asking: z.int(),
    measured: z.int(),
    unknown: z.int(),
    unchanged: z.int(),
  }),
}

/** A copy that may be written out. */
export function measuredShape(result: Measured): z.input<typeof MeasuredShape> {
  const { identity, notes, days, alerts, ...counts } = result
  return {
    ...counts,
    alerts: { ...alerts },
    days: { matches: daysShape(days.matches), alerts: daysShape(days.alerts) },
    identity: [...identity],
    notes: [...notes],
  }
}

function daysShape(days: Days | null): z.input<typeof DaysShape> {
  return days && { before: [...days.before], after: [...days.after] }
}
