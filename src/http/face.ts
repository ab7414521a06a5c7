// What pages are answered with, made once by app.ts: the files they load, the signals they hear, and
// what the product says of itself.

import path from 'node:path'
import { describeSettings, type ShownSetting } from '#platform/config/describe.ts'
import type { Configuration } from '#platform/config/load.ts'
import { MASTER_SECRET } from '#platform/config/open-secrets.ts'
import type { Signals } from './signals.ts'
import type { StaticFiles } from './static.ts'

export interface Face {
  readonly statics: StaticFiles
  readonly signals: Signals
  readonly about: About
}

/** For the owner's page, and the version for everybody. */
export interface About {
  readonly version: string
  /** Absolute. */
  readonly dataDir: string
  readonly settingsFile: string | null
  readonly settings: readonly ShownSetting[]
  /** Kept elsewhere than in the data directory: a stolen one stays sealed. */
  readonly isSecretApart: boolean
  /** `folder` is absolute. */
  readonly backups: { readonly folder: string; readonly keep: number; readonly schedule: string }
}

export function describeProduct(configuration: Configuration, version: string): About {
  return {
    version,
    dataDir: configuration.dataDir,
    settingsFile: configuration.file ?? null,
    settings: describeSettings(configuration),
    isSecretApart: configuration.secretSource(MASTER_SECRET) !== undefined,
    backups: {
      folder: path.resolve(configuration.dataDir, configuration.settings.backup.dir),
      keep: configuration.settings.backup.keep,
      schedule: configuration.settings.backup.schedule,
    },
  }
}
