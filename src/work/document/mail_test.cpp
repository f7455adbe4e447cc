// E-mails as programs send them.
#include "work/document/mail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "work/document/mime.hpp"
#include "work/text/converter.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;

const std::string head =
    "From: =?ISO-8859-1?Q?J=FCrgen_M=FCller?= <j@example.org>\r\nTo: b@example.org\r\nSubject: =?utf-8?B?R3LDvMOf?=\r\n =?utf-8?B?ZQ==?= "
    "aus\r\n Bonn\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\nReceived: by x\r\n";
const std::string shown =
    "From: Jürgen Müller <j@example.org>\nTo: b@example.org\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: Grüße aus Bonn\n";

TEST(Mail, PlainInQuotedPrintable) {
  const std::string mail = head +
                           "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nsch=F6ne "
                           "=80 23 und=\r\n mehr=3D\r\n";
  EXPECT_EQ(mail_text(mail).value(), shown + "\nschöne € 23 und mehr=\n");
}

TEST(Mail, WithoutATypeAndInAnEncodingThatNobodyNamed) {
  const std::string body = "設備の点検を行い、異常がないことを確認しました。";
  EXPECT_EQ(mail_text(head + "\r\n" + encode_text(body, "ISO-2022-JP").value()).value(), shown + "\n" + body + "\n");
  EXPECT_EQ(mail_text(head + "\n" + encode_text(body, "windows-31j").value()).value(), shown + "\n" + body + "\n");
}

TEST(Mail, PrefersTextAndNamesWhatIsAttached) {
  const std::string mail =
      head +
      "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"outer\"\r\n\r\nfor old programs\r\n"
      "--outer\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nthe text\r\n"
      "--in\r\nContent-Type: text/html\r\n\r\n<p>the <b>page</b></p>\r\n--in--\r\n"
      "--outer\r\nContent-Type: application/pdf; name=\"x.pdf\"\r\nContent-Disposition: attachment;\r\n "
      "filename*0*=utf-8''Gr%C3%B6; filename*1=\"sse.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
      "--outer\r\nContent-Type: image/png; name=\"=?utf-8?Q?B=C3=A4r.png?=\"\r\n\r\nx\r\n--outer--\r\n";
  EXPECT_EQ(mail_text(mail).value(), shown + "\nthe text\n\nAttachments: Grösse.pdf, Bär.png\n");
}

TEST(Mail, ReadsThePageWhereThereIsNoText) {
  const std::string page = "<html><head><meta charset=Shift_JIS></head><body><h1>見出し</h1>本文です</body></html>";
  const std::string mail = head +
                           "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: "
                           "text/html\nContent-Transfer-Encoding: base64\n\n" +
                           to_base64(encode_text(page, "windows-31j").value()) + "\n--b--\n";
  EXPECT_EQ(mail_text(mail).value(), shown + "\n# 見出し\n\n本文です\n");
}

TEST(Mail, HoldsOtherMessages) {
  const std::string mail =
      "Subject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n" + head +
      "\ninner text\n--b--\n";
  EXPECT_EQ(mail_text(mail).value(), "Subject: Fwd\n\nsee below\n\n---- Attached message ----\n\n" + shown +
                                         "\ninner text\n\n---- End of the attached message ----\n");
}

TEST(Mail, OfAMailboxIsReadOneByOne) {
  const std::string box =
      "From a@b Mon Mar  2\nSubject: one\n\ntext\nFrom here on it is quoted\n\nFrom c@d Mon Mar  3\nSubject: two\n\nmore\n";
  const auto text = mailbox_text(box);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "Subject: one\n\ntext\nFrom here on it is quoted\n\n----------------------------------------\n\nSubject: two\n\nmore\n");
}

TEST(Mail, SaysWhyItCannotBeRead) {
  EXPECT_EQ(mail_text("Subject: x\nContent-Type: multipart/encrypted; boundary=b\n\n").error().code, Code::unsupported);
  std::string deep = "Subject: x\n";
  for (int i = 0; i < 40; ++i)
    deep += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" + std::to_string(i) + "\n";
  EXPECT_EQ(mail_text(deep).error().code, Code::too_large);
  EXPECT_EQ(mail_text("\n \n").error().code, Code::invalid_argument);
  EXPECT_EQ(mail_text("just words without a header").value(), "just words without a header\n");
}

TEST(Mime, DecodesHeaders) {
  EXPECT_EQ(decode_header("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= =?utf-8?q?a_b?="), "日本a b");
  EXPECT_EQ(decode_header("=?utf-8?B?5pel5pw=?= =?utf-8?B?rA==?="), "日本") << "a character cut in two";
  EXPECT_EQ(decode_header("Gr\xFC\xDF"), "Grüß");
  EXPECT_EQ(decode_header("=?broken"), "=?broken");
  EXPECT_EQ(decode_header("=?nonsense?X?a?="), "=?nonsense?X?a?=");
  EXPECT_EQ(parse_mime_value("Text/HTML; Charset=\"a;b\" ; x=y").parameter("charset"), "a;b");
}

}  // namespace
}  // namespace flotte::work
