// Drops symbols and debug tables from an ELF file, as `strip --strip-all` does: 18 MB of Node's binary
// and a little of each addon, which nothing reads at run time. Done here so that the build needs no
// tools of the machine and gives the same bytes whatever version of them it has.
//
// Source: the ELF-64 object file format; sections that are loaded carry SHF_ALLOC.

const SHF_ALLOC = 2n
const SECTION_BYTES = 64

interface Header {
  readonly sectionsAt: number
  readonly sectionCount: number
  readonly namesIndex: number
}

/** Throws when the file is no little-endian ELF-64 whose loaded sections come first. */
export function stripSymbols(program: Buffer): Buffer {
  const { sectionsAt, sectionCount, namesIndex } = readHeader(program)
  const sections = Array.from({ length: sectionCount }, (_, index) =>
    program.subarray(sectionsAt + index * SECTION_BYTES, sectionsAt + (index + 1) * SECTION_BYTES),
  )
  const keptCount = sections.findLastIndex(isLoaded) + 1
  const kept = sections.slice(0, keptCount)
  if (!kept.slice(1).every(isLoaded)) throw new Error('a section that is not loaded stands between')
  if (kept.some((section) => section.readUInt32LE(40) >= keptCount)) {
    throw new Error('a loaded section points at one that would be dropped')
  }
  const names = sections[namesIndex]
  if (names === undefined) throw new Error('the program has no table of section names')
  const loadedEnd = Math.max(...kept.map(fileEnd))
  const nameBytes = program.subarray(fileStart(names), fileEnd(names))

  const body = padded(Buffer.concat([program.subarray(0, loadedEnd), nameBytes]))
  const namesSection = Buffer.from(names)
  namesSection.writeBigUInt64LE(BigInt(loadedEnd), 24)
  const stripped = Buffer.concat([body, ...kept, namesSection])
  stripped.writeBigUInt64LE(BigInt(body.length), 40)
  stripped.writeUInt16LE(keptCount + 1, 60)
  stripped.writeUInt16LE(keptCount, 62)
  return stripped
}

function readHeader(program: Buffer): Header {
  const isElf64 = program.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]))
  if (!isElf64 || program.readUInt16LE(58) !== SECTION_BYTES) {
    throw new Error('this is no little-endian ELF-64 program')
  }
  return {
    sectionsAt: Number(program.readBigUInt64LE(40)),
    sectionCount: program.readUInt16LE(60),
    namesIndex: program.readUInt16LE(62),
  }
}

function isLoaded(section: Buffer): boolean {
  return (section.readBigUInt64LE(8) & SHF_ALLOC) !== 0n
}

function fileStart(section: Buffer): number {
  return Number(section.readBigUInt64LE(24))
}

function fileEnd(section: Buffer): number {
  const NOBITS = 8
  const size = section.readUInt32LE(4) === NOBITS ? 0n : section.readBigUInt64LE(32)
  return fileStart(section) + Number(size)
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)])
}
