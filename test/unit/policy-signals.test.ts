/** Sentences as partners write them, in every language, and what the shipped words make of them. */
import { describe, expect, it } from 'vitest';
import type { RequestNature, Severity } from '../../src/model.ts';
import { impactOf, natureOf, type Statement } from '../../src/pipeline/decide/impact.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const says = (text: string): Statement => ({
  subject: '',
  text,
  enquiry: { language: 'en', template: false, fields: {} },
});

const MAILS: [text: string, nature: RequestNature, severity: Severity, weekend: boolean][] = [
  [
    'Since this morning nobody can open the CRM, all users are affected and we are losing sales.',
    'incident',
    'S1',
    false,
  ],
  ["Our customer can't log in to Zoho Desk since 9 am.", 'incident', 'S1', true],
  ['The sum in the report is incorrect and does not match the documentation.', 'incident', 'S2', false],
  ['Hello team, how can we add a second currency? We could not find it in the documentation.', 'how-to', 'S3', false],
  ['Please escalate this ticket, we have been waiting for three days.', 'escalation', 'S3', false],
  ['Feature request: dark mode for the mobile app.', 'feature-request', 'S3', false],
  ['Is this a limitation of Zoho Flow?', 'product-limitation', 'S3', false],
  ['Please see the attached file.', 'incident', 'S3', false],
  ['Desde esta mañana los usuarios no pueden iniciar sesión en el CRM.', 'incident', 'S1', true],
  ['El informe muestra valores incorrectos y el total no coincide.', 'incident', 'S2', false],
  ['Buenos días, ¿cómo podemos crear un campo de búsqueda?', 'how-to', 'S3', false],
  ['Nos gustaría sugerir una mejora para Zoho Books.', 'feature-request', 'S3', false],
  ['Necesitamos escalar este caso a un responsable.', 'escalation', 'S3', false],
  ['O sistema está fora do ar e nenhum usuário consegue trabalhar.', 'incident', 'S1', true],
  ['O relatório traz dados incorretos, o total não bate.', 'incident', 'S2', false],
  ['Bom dia, como faço para criar um campo de pesquisa?', 'how-to', 'S3', false],
  ['Favor escalar este chamado.', 'escalation', 'S3', false],
  ['Seit heute früh kann sich kein Mitarbeiter mehr anmelden, wir können uns nicht einloggen.', 'incident', 'S1', true],
  ['Nach dem Import gibt es einen Datenverlust bei unserem Kunden.', 'incident', 'S1', false],
  ['Der Bericht zeigt falsche Werte, die Summe stimmt nicht überein.', 'incident', 'S2', false],
  ['Guten Tag, wie können wir ein zweites Layout anlegen?', 'how-to', 'S3', false],
  ['Das ist eine bekannte Einschränkung, richtig?', 'product-limitation', 'S3', false],
  ['Khách hàng không thể đăng nhập vào Zoho CRM từ sáng nay.', 'incident', 'S1', true],
  ['Báo cáo hiển thị dữ liệu sai, tổng số không khớp với hóa đơn.', 'incident', 'S2', false],
  ['Xin chào, làm thế nào để tạo trường tùy chỉnh?', 'how-to', 'S3', false],
  ['Chúng tôi đề xuất tính năng xuất báo cáo tự động.', 'feature-request', 'S3', false],
  ['Vui lòng xem tệp đính kèm.', 'incident', 'S3', false],
  ['منذ الصباح لا يمكن تسجيل الدخول إلى النظام وجميع المستخدمين متأثرون.', 'incident', 'S1', true],
  ['التقرير يعرض بيانات غير صحيحة والمجموع غير متطابق.', 'incident', 'S2', false],
  ['السلام عليكم، كيف يمكننا إضافة حقل جديد؟', 'how-to', 'S3', false],
  ['نرجو تصعيد هذا الطلب في أقرب وقت.', 'escalation', 'S3', false],
  ['Depuis ce matin les utilisateurs ne peuvent plus se connecter au CRM.', 'incident', 'S1', true],
  ['Le rapport affiche des données erronées et le total ne correspond pas.', 'incident', 'S2', false],
  ['Bonjour, comment pouvons-nous ajouter un champ ?', 'how-to', 'S3', false],
  ["Nous souhaitons une prolongation de l'essai pour notre client.", 'non-technical', 'S3', false],
];

describe('what the shipped words make of a mail', () => {
  it.each(MAILS)('%s -> %s, %s', (text, nature, severity, weekend) => {
    const found = natureOf(says(text), policy).nature;
    const impact = impactOf(says(text), found, policy);
    expect({ nature: found, severity: impact.severity, weekend: impact.weekendsCount }).toEqual({
      nature,
      severity,
      weekend,
    });
  });
});

/** Words that sound like a signal and are none. */
const HARMLESS = [
  'The customer is not reachable by phone today, the drop down field is empty.',
  'Der Kunde ist nicht erreichbar, das Dropdown-Feld bleibt leer.',
  'Der Mitarbeiter sieht das Feld nicht.',
  'El cliente no está disponible por teléfono.',
  'O cliente não está disponível por telefone.',
  "Le client n'est pas disponible par téléphone.",
  'Khách hàng ở Việt Nam đã gửi yêu cầu hôm qua.',
  'العميل غير موجود في المكتب اليوم.',
  'The escalation rules in Desk and the trial balance in Books are shown on the page.',
];

it.each(HARMLESS)('hears no alarm in: %s', (text) => {
  expect(natureOf(says(text), policy).nature).toBe('incident');
  expect(impactOf(says(text), 'incident', policy)).toMatchObject({ severity: 'S3', weekendsCount: false });
});
