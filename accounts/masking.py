"""What is shown of personal data: the ends of a name, the ends of a number."""


def mask_name(name: str) -> str:
    """王秀兰 → 王*兰, 李雷 → 李*, 王 → *."""
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_number(number: str) -> str:
    """110101195503070028 → 1101**********0028."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """13900000001 → 139****0001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "*" * len(phone)
