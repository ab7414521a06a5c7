// How backtests look in JSON: those of a change, and forecasts.

import { z } from 'zod'
import { BACKTEST_STATES } from '#domain/changes/backtest.ts'
import { named } from './shapes.ts'

/** Rows over the window; null where nobody told. */
export const MeasuredShape = z
  .strictObject({
    before: z.int(),
    after: z.int(),
    added: z.int(),
    removed: z.int(),
    kept: z.int(),
    scanned: z.int().nullable(),
    cost: z.strictObject({
      scanned: z.int().nullable(),
      bytes: z.int().nullable(),
      seconds: z.int(),
    }),
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
