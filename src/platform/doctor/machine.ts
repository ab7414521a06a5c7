// Checks of what is below the product: the runtime, the C library, limits, the clock.

import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Instant } from '#kernel/time.ts'
import { formatDuration, MINUTE, SECOND } from '#kernel/time.ts'
import type { DataDirectory } from '#platform/data-directory.ts'
import { bad, check, ok, unknown, warn, type Finding } from './finding.ts'

const GLIBC_MIN = [2, 34] as const
const OPEN_FILES_MIN = 4_096

export function checkMachine(dir: DataDirectory, now: Instant): Promise<readonly Finding[]> {
  return Promise.all([
    check('node', checkNode),
    check('glibc', checkGlibc),
    check('open-files', checkOpenFiles),
    check('core-dumps', checkCoreDumps),
    check('clock', () => checkClock(dir, now)),
    check('time-service', checkTimeService),
  ])
}

function checkNode() {
  const { node, openssl } = process.versions
  return ok(`Node ${node}, OpenSSL ${openssl}`)
}

function checkGlibc() {
  // Otherwise the report asks the name server about every open socket.
  Object.assign(process.report, { excludeNetwork: true })
  const version = glibcVersion(process.report.getReport())
  if (version === undefined) return bad('this is no glibc system', 'run it on a glibc Linux')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > GLIBC_MIN[0] || (major === GLIBC_MIN[0] && minor >= GLIBC_MIN[1])
  if (isEnough) return ok(`glibc ${version}`)
  return bad(`glibc ${version} is older than ${GLIBC_MIN.join('.')}`, 'use a newer distribution')
}

function glibcVersion(report: object): string | undefined {
  if (!('header' in report) || typeof report.header !== 'object' || !report.header) return undefined
  if (!('glibcVersionRuntime' in report.header)) return undefined
  const { glibcVersionRuntime } = report.header
  return typeof glibcVersionRuntime === 'string' ? glibcVersionRuntime : undefined
}

function checkOpenFiles() {
  const limit = softLimit('Max open files')
  if (limit === undefined) return unknown('the limit of open files is not visible')
  if (limit >= OPEN_FILES_MIN) return ok(`${limit} open files allowed`)
  return warn(
    `only ${limit} open files are allowed; each connection takes one`,
    `set LimitNOFILE=${OPEN_FILES_MIN} in the systemd unit, or ulimit -n ${OPEN_FILES_MIN}`,
  )
}

function checkCoreDumps() {
  const limit = softLimit('Max core file size')
  if (limit === undefined) return unknown('the limit of core dumps is not visible')
  if (limit === 0) return ok('core dumps are off')
  return warn('a core dump would hold keys', 'set LimitCORE=0 in the systemd unit, or ulimit -c 0')
}

// `Max open files            1024                 524288               files`
function softLimit(name: string): number | undefined {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(name))
  const [soft] = line?.slice(name.length).trim().split(/\s+/) ?? []
  if (soft === undefined) return undefined
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

// Nothing on this machine is as trustworthy as a file we wrote ourselves: one from the future means
// that the clock was set back since.
function checkClock(dir: DataDirectory, now: Instant) {
  const files = [dir.database, `${dir.database}-wal`, dir.lock].filter((file) => existsSync(file))
  if (files.length === 0) return unknown('no file yet to compare the clock with')
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs))
  const aheadMs = Math.round(newest - now)
  if (aheadMs <= MINUTE) return ok('the clock is not behind the files of this instance')
  const behind = formatDuration(aheadMs - (aheadMs % SECOND))
  return bad(
    `the clock is ${behind} behind the newest file here`,
    'set the clock, then start again',
  )
}

function checkTimeService() {
  const synchronised = ['/run/systemd/timesync/synchronized', '/run/chrony/chronyd.pid']
  const found = synchronised.find((file) => existsSync(file))
  if (found === undefined) return unknown('no time service is visible from here')
  return ok(`a time service keeps the clock (${found})`)
}
