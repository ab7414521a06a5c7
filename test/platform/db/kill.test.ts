import test from 'node:test'
import { loseNothingToKills } from '#test/support/kill.ts'

test('kill -9 under load loses no acknowledged write and breaks no chain', (t) =>
  loseNothingToKills(t, 3))
