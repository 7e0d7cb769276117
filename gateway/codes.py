"""The code tables of the interface that we look at (国家医疗保障信息平台 代码表); wider tables are taken as they are."""

from __future__ import annotations

import re

INSUTYPE = {
    "310": "职工基本医疗保险",
    "320": "公务员医疗补助",
    "330": "大额医疗费用补助",
    "340": "离休人员医疗保障",
    "350": "一至六级残疾军人医疗补助",
    "370": "企业补充医疗保险",
    "390": "城乡居民基本医疗保险",
    "391": "城镇居民基本医疗保险",
    "392": "城乡居民大病医疗保险",
    "410": "长期照护保险",
    "510": "生育保险",
}
SERVED_INSUTYPE = {"310": "employee", "390": "resident"}
MDTRT_CERT_TYPE = {"01": "医保电子凭证", "02": "居民身份证", "03": "社会保障卡", "04": "电子社会保障卡"}
PSN_CERT_TYPE = {
    "01": "居民身份证",
    "02": "军官证",
    "03": "武警警官证",
    "04": "港澳居民来往内地通行证（香港）",
    "05": "港澳居民来往内地通行证（澳门）",
    "06": "台湾居民来往大陆通行证",
    "07": "外国人永久居留证",
    "08": "外国人护照",
    "16": "中国护照",
    "17": "港澳台居民居住证",
    "99": "其他",
}
FIXMEDINS_TYPE = {"1": "定点医疗机构", "2": "定点零售药店"}


class ClrType:
    """清算类别: the national two digits, or 99 with two more of a province's own for care in another area (all of it here)."""

    NATIONAL = {"11": "门诊", "21": "住院", "41": "药店购药", "99": "其他"}

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and (code in self.NATIONAL or bool(re.fullmatch("99[0-9]{2}", code)))


CLR_TYPE = ClrType()
FLAG = {"0": "否", "1": "是"}
DIAG_TYPE = {"0": "未分类", "1": "西医诊断", "2": "中医主病诊断", "3": "中医主证诊断"}
PSN_SETLWAY = {"01": "按项目结算", "02": "按定额结算"}
DSCG_WAY = {
    "1": "医嘱离院",
    "2": "医嘱转院",
    "3": "医嘱转社区卫生服务机构",
    "4": "非医嘱离院",
    "5": "死亡",
    "9": "其他",
}


class MedType:
    """医疗类别: the national two digits, or a province's own of four and more."""

    NATIONAL = {
        "11": "普通门诊", "12": "门诊挂号", "13": "急诊", "14": "门诊慢特病", "15": "门诊特药", "16": "中医特色门诊",
        "19": "意外伤害门诊", "21": "普通住院", "22": "外伤住院", "23": "转外诊治住院", "24": "急诊转住院",
        "25": "异地住院", "26": "单病种住院", "27": "自主就医住院", "28": "日间手术", "41": "定点药店购药",
        "51": "生育门诊", "52": "生育住院", "61": "长期照护", "71": "家庭病床", "81": "意外伤害门诊",
    }  # fmt: skip

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and (code in self.NATIONAL or (len(code) >= 4 and code.isdecimal()))


MED_TYPE = MedType()
