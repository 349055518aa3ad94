/** Conversations as messages, without a backend. */
import { describe, expect, it } from 'vitest'
import type { ShapeDelta, StatementDeltas } from '../../statistics/statement-deltas.ts'
import { otherShapeKey } from '../../statistics/statement-recorder.ts'
import {
  bindMessage,
  executeMessage,
  parseMessage,
  queryMessage,
  type Pieces,
} from '../protocol/frontend-message.ts'
import { FrameScanner } from '../protocol/message-frames.ts'
import { ConversationRecording } from './conversation-recording.ts'
import { EngineRecording } from './engine-recording.ts'

const encoder = new TextEncoder()

function frame(type: string, body: string): Uint8Array {
  const bytes = encoder.encode(`${type}0000${body}`)
  new DataView(bytes.buffer).setInt32(1, bytes.length - 1)
  return bytes
}
const complete = (tag: string): Uint8Array => frame('C', `${tag}\0`)
const row = frame('D', '\0\0')
const error = frame('E', 'SERROR\0VERROR\0C22012\0Mdivision by zero\0\0')

class Fixture {
  deltas: readonly ShapeDelta[] = []
  nowMs = 100
  /** How often it was told that there is something. */
  firsts = 0
  readonly recording = new EngineRecording({
    onFirst: () => (this.firsts += 1),
    onTaken: (taken: StatementDeltas) => (this.deltas = taken.deltas),
  })
  readonly #conversation: ConversationRecording
  #output = new Uint8Array(0)
  readonly #scanner = new FrameScanner((type, _first, bodyAt) => {
    this.#conversation.onAnswer(type, this.#output, bodyAt)
  })

  constructor() {
    this.recording.configure({ isOn: true, keepsExamples: true, slowMs: null })
    const session = 1
    this.recording.begin({ session, processId: 1, role: 'ada', settings: [['application_name', 'shop']] })
    this.#conversation = new ConversationRecording(this.recording, { session, nowMs: () => this.nowMs })
  }

  send(...messages: readonly Pieces[]): this {
    this.#conversation.beginRun(this.nowMs, 0)
    for (const pieces of messages) this.#conversation.onMessage(new Uint8Array(Buffer.concat([...pieces])), 0)
    return this
  }

  /** In pieces of that many bytes. */
  answer(messages: readonly Uint8Array[], pieceBytes = Infinity): this {
    const bytes = new Uint8Array(Buffer.concat(messages))
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.#output = bytes.subarray(at, at + pieceBytes)
      this.#conversation.onOutput(this.#output)
      this.#scanner.scan(this.#output)
    }
    return this
  }

  ready(isVoid = false): this {
    this.nowMs += 5
    this.#conversation.onReady(isVoid)
    return this
  }

  take(): readonly ShapeDelta[] {
    this.deltas = []
    this.recording.give()
    return this.deltas
  }
}

const parse = (sql: string, statementName = ''): Pieces => parseMessage(encoder.encode(sql), statementName)
const bind = bindMessage({ parameters: ['1'], resultFormats: [] })
const execute = executeMessage(0)

describe('ConversationRecording', () => {
  it('counts a query with its rows, its time and its caller', () => {
    const fixture = new Fixture().send(queryMessage('select 1;'))
    const [delta, ...rest] = fixture
      .answer([row, row, complete('SELECT 2')])
      .ready()
      .take()
    expect(rest).toEqual([])
    expect(delta).toMatchObject({ calls: 1, rows: 2, errors: 0, totalMs: 5, maxMs: 5 })
    expect(delta?.caller).toEqual({ application: 'shop', endpoint: 'wire', user: 'ada' })
    expect(delta?.example).toMatchObject({ text: 'select 1;', parameters: null })
  })

  it('counts no rows of a query that is empty, whatever came before it', () => {
    const fixture = new Fixture().send(queryMessage('update t set a = 1'))
    fixture.answer([complete('UPDATE 7')]).ready()
    fixture
      .send(queryMessage('-- nothing'))
      .answer([frame('I', '')])
      .ready()
    expect(fixture.take().map(({ calls, rows }) => [calls, rows])).toEqual([
      [1, 7],
      [1, 0],
    ])
  })

  it('counts the same statement after its counts were handed over, with whatever values', () => {
    const fixture = new Fixture()
    for (const value of [1, 22, 333]) {
      fixture
        .send(queryMessage(`select a from t where b = ${value}`))
        .answer([row, complete('SELECT 1')])
        .ready()
      expect(fixture.take().map(({ calls, rows, steps }) => [calls, rows, steps[1]])).toEqual([[1, 1, 1]])
    }
  })

  it('counts each statement of a query, with its own rows and its own time', () => {
    const fixture = new Fixture().send(queryMessage(`select ';' ; update t set a = 2 -- ;\n;; select $$;$$`))
    fixture.answer([row, row, complete('SELECT 2')])
    fixture.nowMs += 3
    const deltas = fixture
      .answer([complete('UPDATE 7'), row, complete('SELECT 1')])
      .ready()
      .take()
    expect(deltas.map(({ calls, rows, totalMs }) => [calls, rows, totalMs])).toEqual([
      [1, 2, 0],
      [1, 7, 3],
      [1, 1, 5],
    ])
    expect(deltas.map(({ example }) => example?.text.trim())).toEqual([
      `select ';' ;`,
      'update t set a = 2 -- ;\n;;',
      'select $$;$$',
    ])
  })

  it('counts statements of a query up to the one that fails, and all as one where it cannot be parsed', () => {
    const fixture = new Fixture().send(queryMessage('select 1; select 1 / 0; select 3, 3'))
    const deltas = fixture
      .answer([row, complete('SELECT 1'), error])
      .ready()
      .take()
    expect(deltas.map(({ calls, rows, errors }) => [calls, rows, errors])).toEqual([
      [1, 1, 0],
      [1, 0, 1],
    ])
    const [first, ...none] = fixture
      .send(queryMessage('select 1 / 0; select 2'))
      .answer([error])
      .ready()
      .take()
    expect(none).toEqual([])
    expect(first).toMatchObject({ calls: 1, errors: 1, example: { text: 'select 1 / 0; ' } })
    const unparsed = frame('E', 'SERROR\0VERROR\0C42601\0Msyntax error\0\0')
    const [whole, ...rest] = fixture
      .send(queryMessage('select 1; sehlect 2'))
      .answer([unparsed])
      .ready()
      .take()
    expect(rest).toEqual([])
    expect(whole).toMatchObject({ calls: 1, errors: 1, example: { text: 'select 1; sehlect 2' } })
  })

  it('counts a query as one where its semicolons are those of a body', () => {
    const text = 'create function f() returns int begin atomic select 1; select 2; end'
    const [whole, ...rest] = new Fixture()
      .send(queryMessage(text))
      .answer([complete('CREATE FUNCTION')])
      .ready()
      .take()
    expect(rest).toEqual([])
    expect(whole).toMatchObject({ calls: 1, totalMs: 5, example: { text } })
  })

  it('counts each Execute of a pipeline up to the one that fails, and none of those behind it', () => {
    const fixture = new Fixture()
    fixture.send(parse('select $1'), bind, execute).send(parse('select 1 / $1'), bind, execute)
    fixture.send(parse('select $1 + 3'), bind, execute)
    const deltas = fixture
      .answer([row, complete('SELECT 1'), error])
      .ready()
      .take()
    expect(deltas.map(({ calls, rows, errors }) => [calls, rows, errors])).toEqual([
      [1, 1, 0],
      [1, 0, 1],
    ])
    expect([...(deltas[1]?.errorCodes ?? [])]).toEqual([['22012', 1]])
    expect(deltas[1]?.example?.parameters).toEqual(['1'])
  })

  it('counts an error before anything is executed for what was parsed last', () => {
    const deltas = new Fixture().send(parse('select nowhere')).answer([error]).ready().take()
    expect(deltas).toMatchObject([{ calls: 1, errors: 1 }])
  })

  it.each([1, 2, 3, 7, 16])('reads answers that come in pieces of %d bytes', (pieceBytes) => {
    const fixture = new Fixture().send(queryMessage('select 1'))
    const [failed] = fixture.answer([row, row, error], pieceBytes).ready().take()
    expect([...(failed?.errorCodes ?? [])]).toEqual([['22012', 1]])
    fixture.send(queryMessage('select 1')).answer([row, row, row, complete('SELECT 3')], pieceBytes)
    expect(fixture.ready().take()).toMatchObject([{ calls: 1, rows: 3, errors: 0 }])
  })

  it.each([1, 5, 17, 100])('follows what a client calls itself, told in pieces of %d bytes', (pieceBytes) => {
    const status = frame('S', 'application_name\0the büro\0')
    const other = frame('S', 'application_id\0x\0')
    const fixture = new Fixture()
      .send(queryMessage('select 1'))
      .answer([row, complete('SELECT 1')])
      .ready()
    fixture.send(queryMessage('set application_name to x'))
    fixture.answer([other, status, complete('SET')], pieceBytes).ready()
    fixture
      .send(queryMessage('select 1'))
      .answer([row, complete('SELECT 1')], pieceBytes)
      .ready()
    const callers = fixture.take().map(({ caller, calls }) => [caller.application, caller.user, calls])
    expect(callers).toEqual([
      ['shop', 'ada', 1],
      ['the büro', 'ada', 1],
      ['the büro', 'ada', 1],
    ])
    expect(fixture.take()).toEqual([])
  })

  it('counts nothing of what is sent again, or while it is off', () => {
    const fixture = new Fixture().send(queryMessage('lock table t')).answer([error]).ready(true)
    expect(fixture.take()).toEqual([])
  })

  it('puts statements together when there are too many different ones at once', () => {
    const fixture = new Fixture()
    for (let index = 0; index < 400; index++) {
      fixture
        .send(queryMessage(`select a${index}`))
        .answer([complete('SELECT 0')])
        .ready()
    }
    const deltas = fixture.take()
    expect(deltas).toHaveLength(257)
    expect(deltas.find(({ key }) => key === otherShapeKey)?.calls).toBe(144)
  })

  it('knows statements by their names, whichever was meant before, until they are closed or made again', () => {
    const fixture = new Fixture()
    const named = (statementName: string): Pieces =>
      bindMessage({ statementName, parameters: ['1'], resultFormats: [] })
    const run = (...messages: readonly Pieces[]): void => {
      fixture.send(...messages)
      fixture.answer(messages.filter((each) => each === execute).map(() => complete('SELECT 0'))).ready()
    }
    run(parse('select a', 'one'), parse('select b', 'two'), parse('select c'))
    for (const name of ['one', 'one', 'two', '', 'one']) run(named(name), execute)
    run(parse('select d', 'one'), named('one'), execute, named('one'), execute)
    run([frame('C', 'Sone\0')], named('one'), execute)
    const counts = fixture.take().map(({ example, calls }) => [example?.text, calls])
    expect(counts).toEqual([
      ['select a', 3],
      ['select b', 1],
      ['select c', 1],
      ['select d', 2],
    ])
  })

  it('says once that there is something, and hands over all that was gathered', () => {
    const fixture = new Fixture()
    const run = (count: number): void => {
      for (let index = 0; index < count; index++)
        fixture
          .send(queryMessage(`select ${index}`))
          .answer([row, complete('SELECT 1')])
          .ready()
    }
    run(40)
    expect(fixture.recording.recorder.hasAny).toBe(true)
    run(30)
    expect(fixture.firsts).toBe(1)
    expect(fixture.take()).toMatchObject([{ calls: 70, rows: 70, totalMs: 350 }])
    run(1)
    expect(fixture.firsts).toBe(2)
    // What was counted so far is as it was wished then.
    fixture.recording.configure({ isOn: false, keepsExamples: false, slowMs: null })
    run(1)
    expect(fixture.take()).toMatchObject([{ calls: 1, example: { text: 'select 0' } }])
  })

  it('keeps nothing long that was sent until others have come together', () => {
    const fixture = new Fixture()
    const { recorder } = fixture.recording
    const long = `select '${'x'.repeat(5_000)}'`
    for (const sent of [[queryMessage(long)], [parse(long), bind, execute]]) {
      fixture
        .send(queryMessage('select 1'))
        .answer([row, complete('SELECT 1')])
        .ready()
      expect(recorder.hasAny).toBe(false)
      fixture
        .send(...sent)
        .answer([row, complete('SELECT 1')])
        .ready()
      expect(recorder.hasAny).toBe(true)
      fixture.take()
    }
  })
})
