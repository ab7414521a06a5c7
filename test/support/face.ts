// What pages are answered with, in a test: the real static files, built once per process.

import type { Face } from '#http/face.ts'
import { Signals } from '#http/signals.ts'
import { StaticFiles } from '#http/static.ts'
import type { House } from '#platform/house.ts'
import { buildStaticFiles } from '#src/packaging/static.ts'

let statics: Promise<StaticFiles> | undefined

export async function makeFace(house: House): Promise<Face> {
  statics ??= buildStaticFiles().then((files) => new StaticFiles(files))
  return { statics: await statics, signals: new Signals(house), version: '0.0.0' }
}
