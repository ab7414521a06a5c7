// What pages are answered with, in a test: the real static files, built once per process.

import { tmpdir } from 'node:os'
import { describeProduct, type Face } from '#http/face.ts'
import { Signals } from '#http/signals.ts'
import { StaticFiles } from '#http/static.ts'
import type { Configuration } from '#platform/config/load.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'
import { buildStaticFiles } from '#src/packaging/static.ts'

import { testConfiguration } from './configuration.ts'

let statics: Promise<StaticFiles> | undefined

export async function makeFace(
  house: House,
  configuration: Configuration = testConfiguration(tmpdir()),
): Promise<Face> {
  statics ??= buildStaticFiles().then((files) => new StaticFiles(files))
  const about = describeProduct(configuration, VERSION)
  return { statics: await statics, signals: new Signals(house), about }
}
