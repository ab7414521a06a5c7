// What all parts of the Sigma benchmark share: processor seconds of this process, its threads included.

/** The seconds of user and system time that `work` took, on all cores together. */
export function cpuSeconds(work: () => void): number {
  const from = process.cpuUsage()
  work()
  return secondsSince(from)
}

export async function cpuSecondsOf(work: () => Promise<void>): Promise<number> {
  const from = process.cpuUsage()
  await work()
  return secondsSince(from)
}

function secondsSince(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

export function cpu(seconds: number): string {
  return `${seconds.toFixed(2)} CPU s`
}

/** The most memory the process has held so far. */
export function peakMemory(): string {
  return `${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`
}
