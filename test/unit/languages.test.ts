/** The shipped languages, tried with the code that reads them: labels lead to their field, and a writer's language is told from what they write. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Impact, impactOf, natureOf } from '../../src/pipeline/decide/impact.ts';
import { compileLabels } from '../../src/pipeline/extract/label-index.ts';
import { matchLabel } from '../../src/pipeline/extract/labels.ts';
import { compileReproduced, findReproduced } from '../../src/pipeline/extract/reproduced.ts';
import { foldCompact } from '../../src/pipeline/words/fold.ts';
import { compileDetector, detectLanguage } from '../../src/pipeline/words/language.ts';
import { loadPolicy } from '../../src/policy.ts';

const folder = `${import.meta.dirname}/../../policy`;
const policy = loadPolicy(folder);
const { languages } = policy.labels;
const index = compileLabels(languages);
const detector = compileDetector(languages);
const codes = readdirSync(`${folder}/languages`)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, 2));

/** Folded label -> the fields it stands under, in any language. */
const fieldsOf = new Map<string, Set<string>>();
for (const { labels } of Object.values(languages)) {
  for (const [field, spellings] of Object.entries(labels)) {
    for (const key of spellings.map(foldCompact)) fieldsOf.set(key, (fieldsOf.get(key) ?? new Set()).add(field));
  }
}

describe.each(codes)('labels of %s', (code) => {
  const labels = Object.entries(languages[code]?.labels ?? {});

  it('match "label: value", with a full-width colon and in the next column too', () => {
    for (const [field, spellings] of labels) {
      for (const label of spellings) {
        for (const separator of [': ', '：', '\t', ' - ']) {
          const line = `${label}${separator}ana@customer.example`;
          const match = matchLabel(index, line, code);
          expect(match && [match.field, line.slice(match.valueAt)], line).toEqual([field, 'ana@customer.example']);
        }
      }
    }
  });

  it('lead to one field each, whatever other language shares them', () => {
    for (const [field, spellings] of labels) {
      for (const label of spellings) expect([...(fieldsOf.get(foldCompact(label)) ?? [])], label).toEqual([field]);
    }
  });
});

/** Natural sentences of partners: none has a label in it. */
const TEXTS: Record<string, readonly string[]> = {
  en: [
    'Our customer gets an error message whenever she opens a deal, and the page stays empty.',
    'Since yesterday the workflow does not send any email to the contacts.',
    'Could you please tell us how we can export all invoices at once?',
  ],
  de: [
    'Unser Kunde erhält eine Fehlermeldung, sobald er ein Geschäft öffnet.',
    'Seit gestern werden keine E-Mails mehr an die Kontakte verschickt.',
    'Können Sie uns bitte sagen, wie wir alle Rechnungen auf einmal exportieren?',
  ],
  es: [
    'Nuestro cliente recibe un mensaje de error cada vez que abre una oportunidad.',
    'Desde ayer el flujo de trabajo no envía correos a los contactos.',
    '¿Podrían decirnos cómo exportar todas las facturas a la vez?',
  ],
  fr: [
    "Notre client reçoit un message d'erreur chaque fois qu'il ouvre une affaire.",
    "Depuis hier, le flux de travail n'envoie plus de courriels aux contacts.",
    'Pourriez-vous nous dire comment exporter toutes les factures à la fois ?',
  ],
  pt: [
    'Nosso cliente recebe uma mensagem de erro sempre que abre um negócio.',
    'Desde ontem o fluxo de trabalho não envia e-mails para os contatos.',
    'Vocês poderiam nos dizer como exportar todas as faturas de uma vez?',
  ],
  vi: [
    'Khách hàng của chúng tôi gặp lỗi mỗi khi mở một giao dịch.',
    'Từ hôm qua quy trình làm việc không gửi email cho các liên hệ.',
    'Xin cho biết làm thế nào để xuất tất cả hóa đơn cùng một lúc?',
  ],
  ar: [
    'يحصل عميلنا على رسالة خطأ كلما فتح صفقة في النظام.',
    'منذ الأمس لا يرسل سير العمل أي رسائل إلى جهات الاتصال.',
    'هل يمكنكم إخبارنا كيف نصدّر جميع الفواتير دفعة واحدة؟',
  ],
  it: [
    "Il nostro cliente riceve un messaggio di errore ogni volta che apre un'opportunità.",
    'Da ieri il flusso di lavoro non invia più le e-mail ai contatti.',
    'Potreste dirci come possiamo esportare tutte le fatture in una volta sola?',
    'Abbiamo svuotato la cache e provato con un altro browser, ma il risultato è lo stesso.',
  ],
  nl: [
    'Onze klant krijgt een foutmelding zodra hij een deal opent.',
    'Sinds gisteren verstuurt de workflow geen e-mails meer naar de contacten.',
    'Kunt u ons vertellen hoe we alle facturen in één keer kunnen exporteren?',
    'We hebben de cache geleegd en een andere browser geprobeerd, zonder resultaat.',
  ],
  ja: [
    'お客様が商談を開くと、毎回エラーメッセージが表示されます。',
    '昨日からワークフローが連絡先にメールを送信しなくなりました。',
    'すべての請求書を一度にエクスポートする方法を教えてください。',
    'Zoho CRMでDelugeのcustom functionを実行すると「Internal Server Error」と表示されます。',
  ],
  zh: [
    '我们的客户每次打开商机时都会看到错误信息，页面一直是空白的。',
    '从昨天开始，工作流不再向联系人发送邮件。',
    '請問如何一次匯出所有的發票？我們的客戶非常需要這個功能。',
    '在 Zoho CRM 中运行 Deluge custom function 时提示 Internal Server Error。',
  ],
  id: [
    'Pelanggan kami mendapat pesan kesalahan setiap kali membuka transaksi.',
    'Sejak kemarin alur kerja tidak lagi mengirim email ke kontak.',
    'Mohon informasinya, bagaimana kami bisa mengekspor semua faktur sekaligus?',
    'Kami sudah menghapus cache dan mencoba browser lain, tetapi hasilnya sama saja.',
  ],
  th: [
    'ลูกค้าของเราได้รับข้อความแสดงข้อผิดพลาดทุกครั้งที่เปิดดีล',
    'ตั้งแต่เมื่อวานเวิร์กโฟลว์ไม่ส่งอีเมลไปยังผู้ติดต่ออีกต่อไป',
    'ช่วยแนะนำวิธีส่งออกใบแจ้งหนี้ทั้งหมดในครั้งเดียวได้ไหมครับ',
  ],
  ko: [
    '고객이 거래를 열 때마다 오류 메시지가 표시됩니다.',
    '어제부터 워크플로가 연락처로 이메일을 보내지 않습니다.',
    '모든 송장을 한 번에 내보내는 방법을 알려 주시겠습니까?',
  ],
  tr: [
    'Müşterimiz bir fırsatı her açtığında hata mesajı alıyor.',
    'Dünden beri iş akışı kişilere e-posta göndermiyor.',
    'Tüm faturaları tek seferde nasıl dışa aktarabiliriz?',
  ],
  ru: [
    'Наш клиент получает сообщение об ошибке каждый раз, когда открывает сделку.',
    'Со вчерашнего дня рабочий процесс не отправляет письма контактам.',
    'Подскажите, пожалуйста, как выгрузить все счета сразу?',
  ],
  pl: [
    'Nasz klient otrzymuje komunikat o błędzie za każdym razem, gdy otwiera transakcję.',
    'Od wczoraj przepływ pracy nie wysyła wiadomości do kontaktów.',
    'Czy mogą Państwo powiedzieć, jak wyeksportować wszystkie faktury naraz?',
  ],
  sv: [
    'Vår kund får ett felmeddelande varje gång hon öppnar en affär.',
    'Sedan i går skickar arbetsflödet inga mejl till kontakterna.',
    'Kan ni berätta hur vi exporterar alla fakturor på en gång?',
  ],
};

describe.each(codes)("the writer's language: %s", (code) => {
  it('has sentences here', () => expect(TEXTS[code]?.length).toBeGreaterThanOrEqual(3));

  it.each(TEXTS[code] ?? [])('%s', (text) => {
    expect(detectLanguage(text, detector, code === 'en' ? 'fr' : 'en')).toBe(code);
  });
});

const said = (text: string) => ({ subject: '', text, enquiry: { fields: {} } as never });
const severityOf = (text: string): Impact => impactOf(said(text), 'incident', policy);

describe('words in scripts without spaces', () => {
  it.each([
    ['昨日から全社員がZohoにログインできません。至急ご対応ください。', 'S1'],
    ['レポートの合計が合いません。手計算と違います。', 'S2'],
    ['カスタム関数の書き方を教えてください。', 'S3'],
    ['今天早上所有用户都无法登录CRM，请尽快处理。', 'S1'],
    ['今天早上所有使用者都無法登入CRM，請儘快處理。', 'S1'],
    ['报表中的金额不正确，与手工计算不一致。', 'S2'],
    ['報表中的金額不正確。', 'S2'],
    ['请问如何配置审批流程？', 'S3'],
  ])('%s is %s', (text, severity) => {
    const impact = severityOf(text);
    expect([impact.severity, impact.reasons[0]?.rule]).toEqual([severity, `severity.signals.${severity}`]);
  });

  it.each([
    ['ログインできない状態が続いています', true],
    ['系统宕机了，业务全部停了', true],
    ['想了解一下自定义函数的用法', false],
  ])('%s: weekends count: %s', (text, weekends) => expect(severityOf(text).weekendsCount).toBe(weekends));

  it.each([
    ['この件はチケットをエスカレートしてください。', 'escalation'],
    ['これは製品の制限でしょうか。', 'product-limitation'],
    ['希望zoho能增加一个导出按钮。', 'feature-request'],
    ['客户想延长试用期。', 'non-technical'],
    ['對服務不滿意，請轉達。', 'feedback'],
    ['怎么才能批量导入联系人？', 'how-to'],
    ['画面が真っ白になります。', 'incident'],
  ])('%s is %s', (text, nature) => expect(natureOf(said(text), policy).nature).toBe(nature));

  it.each([
    ['別のブラウザでも問題を再現できました。', 'yes'],
    ['弊社の環境では再現できませんでした。', 'no'],
    ['ログインできない問題は弊社でも再現しました。', 'yes'],
    ['我们在测试帐号里也能重现该问题。', 'yes'],
    ['我们这边无法复现这个问题。', 'no'],
    ['Siamo riusciti a riprodurre il problema.', 'yes'],
    ['Het probleem is niet te reproduceren bij ons.', 'no'],
    ['Kami tidak dapat mereproduksi masalah ini.', 'no'],
  ])('%s: reproduced: %s', (text, value) => {
    expect(findReproduced(text, compileReproduced(languages))?.value).toBe(value);
  });
});
