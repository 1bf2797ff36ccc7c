/** What hangs on a ticket: comments, files and answers by mail. */
import { type Context, Hono } from 'hono';
import { invalid, refusal } from './answers.ts';
import { allow, type DeskEnv } from './oauth.ts';
import { addComment, addThread, attach, fileRecord, ticketOf, userOf } from './store.ts';
import type { FileRecord, Thread, World } from './types.ts';
import { CommentBody, jsonBody, PageQuery, queryOf, ReplyBody } from './validation.ts';

/** Zoho's limit for a file on a ticket, in bytes. */
const MAX_FILE = 40 * 1024 * 1024;
/** OpenAPI, attachmentResponse: longer names do not fit. */
const MAX_NAME = 100;

const shownFile = (file: FileRecord) => ({
  id: file.id,
  name: file.name,
  size: String(file.size),
  createdTime: file.createdTime,
  creatorId: userOf('api'),
  isPublic: false,
});

/** A mail as the list shows it: its beginning only. */
const shownThread = ({ content, ...thread }: Thread) => ({
  ...thread,
  channel: 'EMAIL',
  summary: content.slice(0, 100),
  status: 'SUCCESS',
  visibility: 'public',
  isDescriptionThread: false,
});

/** @throws UNSUPPORTED_MEDIA_TYPE, INVALID_DATA, RESOURCE_SIZE_EXCEEDED */
async function fileOf(world: World, c: Context): Promise<FileRecord> {
  if (!(c.req.header('content-type') ?? '').startsWith('multipart/form-data')) throw refusal('UNSUPPORTED_MEDIA_TYPE');
  const form = await c.req.formData().catch(() => {
    throw refusal('UNPROCESSABLE_ENTITY');
  });
  const file = form.get('file');
  if (!(file instanceof File)) throw invalid('/file', 'missing');
  const stranger = [...form.keys()].find((key) => key !== 'file');
  if (stranger !== undefined) throw invalid(`/${stranger}`);
  if (file.size > MAX_FILE) throw refusal('RESOURCE_SIZE_EXCEEDED');
  if (file.name === '' || file.name.length > MAX_NAME) throw invalid('/file');
  return fileRecord(world, file.name, await file.bytes());
}

/** A page of `rows`; `-` before the time's name in `sortBy` turns them round. */
function page<T>(c: Context, rows: readonly T[], unlessTold = ''): T[] {
  const { from, limit, sortBy = unlessTold } = queryOf(c, PageQuery);
  const ordered = sortBy.startsWith('-') ? rows.toReversed() : rows;
  return ordered.slice(from, from + limit);
}

export function conversationRoutes(world: World): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.post('/tickets/:id{\\d+}/comments', allow(['Desk.tickets.UPDATE']), async (c) => {
    const ticket = ticketOf(c.var.portal, c.req.param('id'));
    const body = await jsonBody(c, CommentBody);
    return c.json(addComment(world, c.var.portal, ticket, body, 'api'));
  });
  app.get('/tickets/:id{\\d+}/comments', allow(['Desk.tickets.READ']), (c) =>
    c.json({ data: page(c, ticketOf(c.var.portal, c.req.param('id')).comments) }),
  );
  app.post('/tickets/:id{\\d+}/attachments', allow(['Desk.tickets.UPDATE']), async (c) => {
    const ticket = ticketOf(c.var.portal, c.req.param('id'));
    const file = await fileOf(world, c);
    attach(world, ticket, file);
    return c.json(shownFile(file));
  });
  app.get('/tickets/:id{\\d+}/attachments', allow(['Desk.tickets.READ']), (c) => {
    const files = page(c, ticketOf(c.var.portal, c.req.param('id')).attachments);
    return files.length === 0 ? c.body(null, 204) : c.json({ data: files.map(shownFile) });
  });
  // Newest first, and without the bodies.
  app.get('/tickets/:id{d+}/threads', allow(['Desk.tickets.READ']), (c) => {
    const { from, limit } = queryOf(c, PageQuery);
    const threads = ticketOf(c.var.portal, c.req.param('id'))
      .threads.toReversed()
      .slice(from, from + limit);
    const shown = threads.map(({ content, contentType: _, ...thread }) => ({
      ...thread,
      summary: content.slice(0, 100),
    }));
    const facts = { channel: 'EMAIL', visibility: 'public', status: 'SUCCESS', isDescriptionThread: false };
    return c.json({ data: shown.map((thread) => ({ ...thread, ...facts })) });
  });
  app.post('/uploads', allow(['Desk.basic.CREATE']), async (c) => {
    const file = await fileOf(world, c);
    c.var.portal.uploads.set(file.id, file);
    return c.json(shownFile(file));
  });
  // Unlike comments, the newest first unless told (Thread.json).
  app.get('/tickets/:id{\\d+}/threads', allow(['Desk.tickets.READ']), (c) => {
    const threads = page(c, ticketOf(c.var.portal, c.req.param('id')).threads, '-sendDateTime');
    return c.json({ data: threads.map(shownThread) });
  });
  app.post('/tickets/:id{\\d+}/sendReply', allow(['Desk.tickets.UPDATE']), async (c) => {
    const ticket = ticketOf(c.var.portal, c.req.param('id'));
    const { content, contentType, fromEmailAddress, to } = await jsonBody(c, ReplyBody);
    const mail = { direction: 'out', content, contentType, fromEmailAddress, to } as const;
    return c.json({ ...addThread(world, c.var.portal, ticket, mail, 'api'), channel: 'EMAIL' });
  });
  return app;
}
