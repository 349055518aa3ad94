/**
 * The numbers that the decoder's two implementations and the batch layout (src/contract/column-batch.ts) have
 * in common, restated here because native code knows nothing of src; a test compares them. Compiled by both
 * compilers, TypeScript and AssemblyScript, and therefore nothing but number constants.
 */

/** Kinds of columns. Every kind but text has a fixed width. */
export const kindBool = 1
export const kindInt32 = 2
export const kindUint32 = 3
export const kindInt64 = 4
export const kindFloat64 = 5
export const kindText = 6

/** The head of a batch: magic, column count, row count, byte length. */
export const batchMagic = 0x31424357
export const batchHeaderBytes = 16
/** One directory entry: kind, null count, validity offset, values offset, heap offset, heap length. */
export const batchDirectoryEntryBytes = 24
/** Regions start at multiples of this, so that any typed array can be laid over them. */
export const regionAlignment = 8

/** Postgres's own limit of columns in a target list (PostgreSQL 18 documentation, appendix K). */
export const columnsMax = 1664

/** The type byte of DataRow: D. */
export const dataRowType = 0x44
/** The type byte of CopyData: d. */
export const copyDataType = 0x64
/** Type and length (PostgreSQL 18 documentation, section 54.1). */
export const messageHeaderBytes = 5
/** Type, length and number of columns of a DataRow; all but the type count in the length. */
export const rowHeaderBytes = 7
/** The length field counts itself, so that nothing below is possible. */
export const messageLengthMin = 4
/** Postgres builds no message over MaxAllocSize (src/include/utils/memutils.h): more is not a length. */
export const messageLengthMax = 0x3fffffff

/**
 * The largest message that is buffered. One row must fit, as a batch and with the rows before it, in the
 * 256 MiB that may go to a client in one piece; 16 MiB are left for those rows and the directory.
 */
export const messageBytesMax = 240 << 20
/** Everything buffered: a largest message and the rows and bytes around it. */
export const arenaBytesMax = 320 << 20

/** What a scan ended with. */
export const scanNeedsMore = 0
export const scanOtherMessage = 1
export const scanBadLength = 2
export const scanTooLarge = 3
export const scanColumnCount = 4
export const scanNegativeLength = 5
export const scanBeyondMessage = 6
export const scanWrongWidth = 7
export const scanTrailingBytes = 8
/** The machine did not give the memory. */
export const scanOutOfMemory = 9

/** What became of a column of texts: the offsets stand, for every byte is a character. */
export const textsPlain = 0
/** The offsets count UTF-16 units now, or bytes of a decoded heap. */
export const textsConverted = 1
/** Some text is not what it would have to be by itself: UTF-8, or the hex form of a bytea. */
export const textsUnreadable = 2
/** Offsets do not begin with 0, or run backwards or beyond the heap. */
export const textsMisplaced = 3

/** Of the frame codec: what a value is, in the low bits of a word; above them a number. */
export const tokenKindBits = 3
export const tokenNull = 0
export const tokenFalse = 1
export const tokenTrue = 2
/** So many bytes of the texts, which lie one behind the other. */
export const tokenText = 3
/** So many values, or names and values, follow. */
export const tokenList = 4
export const tokenMap = 5
export const tokenNumber = 6
/** A text that is kept, by its index. */
export const tokenKept = 7
/** A number is less. */
export const tokenNumberEnd = 1 << 29
export const tokensMax = 4096

/** Texts that are kept since they come again and again: names, and SQL. UTF-8. */
export const keptTextsMax = 64
export const keptTextBytesMax = 1020

/** A request is written by its codec up to here; UTF-8 of all texts that are not kept. */
export const frameTextsBytesMax = 64 << 10
/** A message is taken apart by its codec up to here. */
export const frameMessageBytesMax = 128 << 10
export const framePartsMax = 2048
/** Words of a part: which known header, its id, where the header lies and how long it is, and so the payload. */
export const framePartWords = 6
/** Of a header that is not known. */
export const frameUnknown = 0xffffffff
/** Headers that are known at a time, and how long they may be. */
export const frameKnownMax = 16
export const frameKnownBytesMax = 2 << 10
/** Digits of an id that is read as a number. */
export const frameIdDigitsMax = 9
