import pytest
from tests.support.communications import told
pytestmark = pytest.mark.anyio
async def test_x(asha):
    a = await asha.post("/account/address/verification")
    print(a.status_code, a.headers, told(a), a.text[:300])
    a = await asha.get("/account/address"); print(a.status_code, a.text[-1500:])
    assert 0
