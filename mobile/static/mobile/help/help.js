/** 常见问题 and 个人信息: short answers, each with the page where one does it; what is held of people, how long, and who sees it. */


import { t } from "../lib/parts.js";

/** @type {{group: string, asked: string, answer: string, links: [string, string][]}[]} */
const QUESTIONS = [
  { group: t("备案"), asked: t("我要不要备案？"), answer: t("去参保地以外的地方看病，一般先备案。有的地方之间不用备案，选好参保地和就医地，页面会告诉您。"), links: [[t("我要备案"), "#/file"], [t("备案告知书"), "#/notices"]] },
  { group: t("备案"), asked: t("来不及备案就住院了，怎么办？"), answer: t("别着急。出院结算前补办，多数地方照样直接结算；急诊抢救的按已备案处理。"), links: [[t("我要备案"), "#/file"], [t("能不能直接结算"), "#/direct"]] },
  { group: t("备案"), asked: t("多久能办好？"), answer: t("最迟两个工作日办结，有的类型提交就生效。办好了会发消息给您。"), links: [[t("备案记录"), "#/records"], [t("消息"), "#/messages"]] },
  { group: t("备案"), asked: t("材料不齐，能先办吗？"), answer: t("多数地方可以先签个人承诺书，以后再补材料。到期前会提醒您，补交在备案详情里。"), links: [[t("备案记录"), "#/records"]] },
  { group: t("备案"), asked: t("被退回了，怎么改？"), answer: t("打开这条备案，标黄的地方就是要改的，改完再提交。不用重新填。"), links: [[t("备案记录"), "#/records"]] },
  { group: t("备案"), asked: t("回来了，怎么取消或变更备案？"), answer: t("在备案详情里变更或取消。有的地方规定几个月内不能改；允许凭材料提前改的，页面会请您上传材料。"), links: [[t("备案记录"), "#/records"]] },
  { group: t("备案"), asked: t("公司或别人怎么替我办？"), answer: t("家人先绑定您，由您同意；单位或其他人可以带着您签的授权委托书，替您办这一次。"), links: [[t("家庭成员"), "#/family"], [t("替别人办一次"), "#/agent"], [t("授权管理"), "#/consents"]] },
  { group: t("看病和报销"), asked: t("去了能不能直接结算？"), answer: t("选好医院就知道差哪一步，每一步都写着怎么补。"), links: [[t("能不能直接结算"), "#/direct"], [t("查医院"), "#/hospitals"]] },
  { group: t("看病和报销"), asked: t("能报多少？"), answer: t("不用登录就能算。各种去法放在一起比，每个数都写着怎么来的。"), links: [[t("能报多少"), "#/estimate"], [t("待遇政策"), "#/policies"]] },
  { group: t("看病和报销"), asked: t("结算时给医院看什么？"), answer: t("出示医保码，医院扫一下就行。家人的医保码也能在这里出示。"), links: [[t("医保码"), "#/code"]] },
  { group: t("看病和报销"), asked: t("已经自己付了钱，还能报吗？"), answer: t("能。留好发票和病历，在参保地规定的期限内申请手工报销，钱打到您的银行账户。"), links: [[t("手工报销"), "#/claims"]] },
  { group: t("看病和报销"), asked: t("这张账单是怎么算的？"), answer: t("打开账单，每一项都有一句解释、算式和依据。觉得不对，请打给参保地经办机构。"), links: [[t("就医账单"), "#/bills"], [t("经办机构"), "#/agencies"]] },
  { group: t("看病和报销"), asked: t("医生说要转诊，怎么办？"), answer: t("由参保地的医院开转诊证明，开好后这里就能看到，并且自动备案。到了外地出示二维码。"), links: [[t("转诊证明"), "#/referrals"]] },
  { group: t("看病和报销"), asked: t("高血压、糖尿病在外地买药能报吗？"), answer: t("先在参保地认定门诊慢特病，再到外地已开通这种病的医院或药店，就能直接结算。"), links: [[t("门诊慢特病"), "#/chronic"], [t("哪些病可以"), "#/diseases"]] },
  { group: t("看病和报销"), asked: t("门诊慢特病到期了，怎么续？"), answer: t("到期前会提醒您。打开这条认定，点“办理续期”，审核期间照常享受待遇。"), links: [[t("门诊慢特病"), "#/chronic"]] },
  { group: t("家人和账户"), asked: t("怎么替父母、孩子办？"), answer: t("先绑定：父母在自己的账户里同意；未满 16 周岁的孩子，参保登记里您是监护人的马上生效，不是的请双方带身份证件或户口簿到经办窗口。"), links: [[t("家庭成员"), "#/family"]] },
  { group: t("家人和账户"), asked: t("谁能替我办，怎么收回？"), answer: t("授权管理里写着谁、凭什么、从哪天起。您随时可以收回。"), links: [[t("授权管理"), "#/consents"]] },
  { group: t("家人和账户"), asked: t("我的信息存在哪，谁能看？"), answer: t("写得清清楚楚，您也可以全部下载带走。"), links: [[t("个人信息"), "#/privacy"], [t("我的数据"), "#/mydata"]] },
  { group: t("家人和账户"), asked: t("字太小，看不清，怎么办？"), answer: t("用长辈版：字大，一页只问一件事，还能朗读。在首页上方或“我的”里打开，随时可以回到标准版。"), links: [[t("我的"), "#/me"]] },
  { group: t("家人和账户"), asked: t("还是不会，找谁？"), answer: t("拨打 12393，或者参保地经办机构的电话，也可以直接去窗口。"), links: [[t("拨打 12393"), "tel:12393"], [t("经办机构"), "#/agencies"]] },
];

const present = ({ group, asked, answer, links }) => ({ group, asked, answer, links: links.map(([name, href]) => ({ name, href })) });

function helpPage() {
  return {
    q: "",
    /** @returns {{name: string, questions: object[]}[]} what matches, in its groups */
    get groups() {
      const q = this.q.trim();
      const found = QUESTIONS.filter(({ asked, answer }) => `${asked}${answer}`.includes(q)).map(present);
      return [...new Set(found.map(({ group }) => group))].map((name) => ({ name, questions: found.filter((each) => each.group === name) }));
    },
    get emptyText() {
      return t("没有找到和“{asked}”有关的问题。换个词试试，或者拨打 12393。", { asked: this.q.trim() });
    },
    clear() {
      this.q = "";
    },
  };
}

/** What is held; the figures come with the page, from what the server does. */
function privacyPage() {
  return {};
}

export const pages = { helpPage, privacyPage };
