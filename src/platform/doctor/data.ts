// Checks of the data directory: who may touch it, what it lies on, how much room is left.

import { existsSync, readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs'
import path from 'node:path'
import { hasInstance, type DataDirectory } from '#platform/data-directory.ts'
import { bad, check, ok, unknown, warn, type Finding } from './finding.ts'

const MIB = 1024 * 1024
const FREE_BYTES_BAD = 100 * MIB
const FREE_BYTES_WARN = 1024 * MIB

export function checkData(dir: DataDirectory): Promise<readonly Finding[]> {
  return Promise.all([
    check('data-directory', () => checkDirectory(dir)),
    check('disk-space', () => checkSpace(dir)),
    check('file-system', () => checkFileSystem(dir)),
    check('volume-encryption', () => checkEncryption(dir)),
  ])
}

function checkDirectory(dir: DataDirectory) {
  if (!existsSync(dir.path)) {
    return warn(`${dir.path} does not exist`, 'rulewright init, or serve, makes it')
  }
  const { mode, uid } = statSync(dir.path)
  const own = process.getuid?.()
  if (own !== undefined && own !== 0 && uid !== own) {
    return bad(`${dir.path} belongs to uid ${uid}, not to ours (${own})`, `chown it to uid ${own}`)
  }
  if ((mode & 0o077) !== 0) {
    return bad(`${dir.path} is open to others (${octal(mode)})`, `chmod 700 ${dir.path}`)
  }
  const open = readdirSync(dir.path).filter((name) => isOpen(path.join(dir.path, name)))
  if (open.length > 0) {
    const names = open.slice(0, 5).join(', ')
    return bad(`open to others in it: ${names}`, `chmod -R go= ${dir.path}`)
  }
  if (!hasInstance(dir)) return warn('there is no instance in it', 'rulewright init, or serve')
  return ok(`${dir.path} is private to its owner`)
}

function isOpen(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false })
  return found !== undefined && (found.mode & 0o077) !== 0
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0')
}

function checkSpace(dir: DataDirectory) {
  const { bavail, bsize } = statfsSync(nearestExisting(dir.path))
  const free = bavail * bsize
  const shown = `${Math.floor(free / MIB)
    .toLocaleString('en')
    .replaceAll(',', ' ')} MiB free`
  const advice = 'free some space, or move the data directory to a larger volume'
  if (free < FREE_BYTES_BAD) return bad(`${shown}: writes will soon be refused`, advice)
  if (free < FREE_BYTES_WARN) return warn(shown, advice)
  return ok(shown)
}

/** Locks and shared memory of SQLite's log do not work over a network. */
const NETWORK = /^(nfs|cifs|smb|9p$|fuse\.(sshfs|s3fs|gcsfuse|glusterfs)|ceph|glusterfs|lustre|afs)/

function checkFileSystem(dir: DataDirectory) {
  const mount = findMount(nearestExisting(dir.path))
  if (!mount) return unknown('the mount it lies on is not visible')
  if (NETWORK.test(mount.type)) {
    return bad(`it lies on a network file system (${mount.type})`, 'use a local disk')
  }
  if (mount.type === 'tmpfs' || mount.type === 'ramfs') {
    return warn('it lies in memory and is gone after a restart', 'use a disk')
  }
  return ok(`${mount.type} on ${mount.point}`)
}

function checkEncryption(dir: DataDirectory) {
  const mount = findMount(nearestExisting(dir.path))
  if (!mount) return unknown('the mount it lies on is not visible')
  if (mount.type === 'zfs') return unknown('zfs: see `zfs get encryption`')
  const device = `/sys/dev/block/${mount.device}`
  if (!existsSync(device)) return unknown(`${mount.type} lies on no block device visible from here`)
  if (isEncrypted(realpathSync(device))) return ok('the volume is encrypted (dm-crypt)')
  return warn(
    'no encryption of the volume is visible; rules, tests and comments lie in plain in the database',
    'put the data directory on an encrypted volume, unless the layer below encrypts',
  )
}

const LAYERS_MAX = 8

/** Whether this block device, or one it is made of, is a dm-crypt mapping. */
function isEncrypted(device: string, depth = 0): boolean {
  if (depth > LAYERS_MAX) return false
  const uuid = path.join(device, 'dm/uuid')
  if (existsSync(uuid) && readFileSync(uuid, 'utf8').startsWith('CRYPT-')) return true
  const slaves = path.join(device, 'slaves')
  const below = existsSync(slaves) ? readdirSync(slaves) : []
  return below.some((name) => isEncrypted(realpathSync(path.join(slaves, name)), depth + 1))
}

interface Mount {
  /** `major:minor`. */
  readonly device: string
  readonly point: string
  readonly type: string
}

// The longest mount point above the path wins; a later line covers an earlier one.
function findMount(file: string): Mount | undefined {
  const real = realpathSync(file)
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap(parseMount)
  const above = mounts.filter(({ point }) => isBelow(real, point))
  return above.reduce<Mount | undefined>(
    (best, mount) => (best && best.point.length > mount.point.length ? best : mount),
    undefined,
  )
}

// `36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/root rw`
function parseMount(line: string): Mount[] {
  const [left = '', right = ''] = line.split(' - ')
  const [, , device, , point] = left.split(' ')
  const [type] = right.split(' ')
  if (device === undefined || point === undefined || !type) return []
  const plain = point.replaceAll(/\\(\d{3})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 8)),
  )
  return [{ device, point: plain, type }]
}

function isBelow(file: string, point: string): boolean {
  return point === '/' || file === point || file.startsWith(`${point}/`)
}

function nearestExisting(file: string): string {
  return existsSync(file) ? file : nearestExisting(path.dirname(file))
}
