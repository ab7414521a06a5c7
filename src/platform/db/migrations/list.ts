// The migrations of the product, oldest first. Forward only: a migration that has shipped is never
// edited; what it got wrong, the next one mends.

import * as audit from './0001-audit.ts'
import type { Migration } from '../migrate.ts'

export const MIGRATIONS: readonly Migration[] = [{ number: 1, name: 'audit', up: audit.up }]
