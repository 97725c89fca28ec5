"""A site with a WebSocket of Channels: `python -m uvicorn --app-dir test/django channels_site:application --port 8000`."""

from django.conf import settings

settings.configure(ALLOWED_HOSTS=["localhost"], INSTALLED_APPS=["channels"], ROOT_URLCONF="channels_site", DEBUG=True)

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data, bytes_data=bytes_data)


def page(request):
    return HttpResponse("<!doctype html><html><head><title>Chat</title></head></html>")


urlpatterns = [path("", page)]
application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": AllowedHostsOriginValidator(URLRouter([path("ws/echo/", Echo.as_asgi())])),
    }
)
