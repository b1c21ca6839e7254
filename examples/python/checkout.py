from toolwatch_line import observe_handler


@observe_handler("checkout")
def handler(event, context):
    items = event.get("items", [])
    if not items:
        return {"statusCode": 400, "body": "Name at least one item."}
    return {"statusCode": 200, "body": "Ordered: " + ", ".join(items) + "."}
