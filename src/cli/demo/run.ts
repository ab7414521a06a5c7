// Tells the story in a directory of its own and goes on serving. Nothing of the caller's settings
// reaches it, and no directory that it did not make is touched.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import { systemClock } from '#platform/clock.ts'
import { loadConfiguration } from '#platform/config/load.ts'
import { HOST_PORT } from '#platform/config/rules.ts'
import { isServed } from '#platform/control.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { VERSION } from '#platform/version.ts'
import { aborted } from '#cli/aborted.ts'
import { textFlag, type Arguments } from '#cli/command.ts'
import { EXIT, type ExitCode, type ProcessCall, type Shell } from '#cli/shell.ts'
import { addCast, CAST, type CastName } from './cast.ts'
import { ASKING_STEPS, ESTATE_STEPS, tellTargets, tellTerminal } from './siems.ts'
import { BEGINNING, STORY, type DemoWorld } from './steps.ts'
import { tell, type Step } from './story.ts'

/** Exit 1 when a step did not hold. */
export async function runDemo(call: ProcessCall, args: Arguments): Promise<ExitCode> {
  const listen = textFlag(args, 'listen') ?? '127.0.0.1:0'
  if (!HOST_PORT.isValid(listen)) {
    throw new AppError('invalid', `--listen is ${listen}, expected ${HOST_PORT.expected}`)
  }
  const place = await makePlace(call.shell, textFlag(args, 'data'))
  const hasSiems = args.flags['with-siems'] === true
  const world = makeWorld(call, { data: place.data, listen, hasSiems })
  try {
    return await show(call.shell, world, {
      steps: hasSiems
        ? [...BEGINNING, ...ESTATE_STEPS, ...STORY, ...ASKING_STEPS]
        : [...BEGINNING, ...STORY],
      isExiting: args.flags['exit'] === true,
    })
  } finally {
    await world.app?.stop()
    await world.estate?.stop()
    place.leave()
  }
}

interface Showing {
  readonly steps: readonly Step<DemoWorld>[]
  readonly isExiting: boolean
}

async function show(shell: Shell, world: DemoWorld, { steps, isExiting }: Showing) {
  shell.out(`Rulewright ${VERSION}, a demonstration in ${world.data}`)
  const hasHeld = await tell({
    steps,
    world,
    monotonicMs: () => systemClock.monotonicMs(),
    say: (line) => shell.out(line),
  })
  if (isExiting || !hasHeld) return hasHeld ? EXIT.fine : EXIT.problems
  const { app, acme } = world
  if (!app || !acme) return EXIT.problems
  for (const line of tellTargets(world)) shell.out(line)
  shell.out(`listening on ${app.url}`)
  const cast = world.people ?? (await addCast(app.house, acme))
  for (const name of Object.keys(CAST) as CastName[]) {
    shell.out(`sign in once as ${name} (${CAST[name]}): ${app.signInLink(cast[name])}`)
  }
  for (const line of await tellTerminal(world, cast.ravi)) shell.out(line)
  await aborted(shell.signal)
  return EXIT.fine
}

interface Wish {
  readonly data: string
  readonly listen: string
  readonly hasSiems: boolean
}

function makeWorld({ frontDoor }: ProcessCall, { data, listen, hasSiems }: Wish): DemoWorld {
  const configure = (dir: string) => {
    // One of them lets nobody in: that is told on pages, and no news for a terminal.
    const own = hasSiems && { 'outbound.allow': '127.0.0.1', 'log.level': 'error' }
    const flags = { data: dir, 'server.listen': listen, ...own }
    return { configuration: loadConfiguration({ cwd: data, env: {}, flags }), isQuiet: true }
  }
  return {
    data,
    start: () => frontDoor.startApp(configure(data)),
    openAt: (dir) => frontDoor.openHouse(configure(dir)),
    startEstate: () => frontDoor.startEstate(),
  }
}

interface Place {
  /** Absolute. */
  readonly data: string
  readonly leave: () => void
}

const MARK = '.rulewright-demo'

/** A temporary directory, or the named one if it is new, empty, or was made by a demonstration. */
async function makePlace({ cwd }: Shell, given: string | undefined): Promise<Place> {
  if (given === undefined) {
    const data = mkdtempSync(path.join(tmpdir(), 'rulewright-demo-'))
    return { data, leave: () => rmSync(data, { recursive: true, force: true }) }
  }
  const data = path.resolve(cwd, given)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const names = readdirSync(data)
  if (names.length > 0 && !existsSync(path.join(data, MARK))) {
    throw new AppError(
      'invalid',
      `${data} was not made by a demonstration; name a new or empty directory`,
    )
  }
  if (await isServed(describeDataDirectory(data).socket)) {
    throw new AppError('busy', `a demonstration is running in ${data}; end it first`)
  }
  for (const name of names) rmSync(path.join(data, name), { recursive: true, force: true })
  writeFileSync(path.join(data, MARK), 'rulewright demo empties this directory when it starts.\n')
  return { data, leave: () => {} }
}
